// 视频诊室关于网络缓慢的中文词语。
export default {
  "network.less": "画面缩小：网络或设备缓慢",
  "network.sound": "画面关闭，网络缓慢",
  "network.text": "画面和声音均关闭，网络缓慢：请发送文字",
  "network.still": "画面静止",
  "network.quiet": "医院暂时联系不到此页面",
  "network.all": "所有人",
  "network.mine-less": "{name}看到的您的画面较小：网络或设备缓慢。",
  "network.mine-sound": "{name}看不到您的画面：网络缓慢。对方能听到您。",
  "network.mine-text": "{name}看不到也听不到您：网络过慢。请发送文字。",
  "network.copies": "带此标记的数值来自另一页面（{names}），医院尚未确认。报警仅由医院发出。",
  "network.sync": "曲线与画面",
  "network.beside": "画面延迟{picture}毫秒，曲线延迟{curves}毫秒：相差{apart}毫秒。数值即到即显示。",
  "network.no-picture": "没有患者的画面。曲线延迟{curves}毫秒。数值即到即显示。",
  "quality.second-hand": "来自另一页面",
};
