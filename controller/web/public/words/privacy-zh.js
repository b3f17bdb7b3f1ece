// Who could see the pictures of a room, in Chinese.
export default {
  "privacy.mesh": "画面在浏览器之间直接传输",
  "privacy.mesh-means": "画面和声音从您的浏览器到其他每个人的浏览器全程加密。若要确认您与对方之间没有他人，请互相念出代码；若代码不一致，说明有人介入，请结束通话。",
  "privacy.sfu": "画面由医院的服务器转发",
  "privacy.sfu-means": "五人及以上时，画面和声音经医院的服务器转发。往返途中已加密，但在服务器上可能被看到和听到。人数较少时画面在浏览器之间直接传输。",
  "privacy.with": "与{name}的代码：",
};
