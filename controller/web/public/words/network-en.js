// What a room says of a slow network, in English.
export default {
  "network.less": "small picture: network or device is slow",
  "network.sound": "picture off, slow network",
  "network.text": "picture and sound off, slow network: write",
  "network.still": "picture stands still",
  "network.quiet": "the hospital does not hear this page",
  "network.all": "everybody",
  "network.mine-less": "Your picture is small for {name}: the network, or a device, is slow.",
  "network.mine-sound": "Your picture is off for {name}: the network is slow. You are heard.",
  "network.mine-text": "Your picture and sound are off for {name}: the network is too slow. Write instead.",
  "network.copies": "Numbers marked so come by another page ({names}), not yet by the hospital. Alarms come by the hospital alone.",
  "network.sync": "Curves and picture",
  "network.beside": "The picture is {picture} ms behind, the curves {curves} ms: {apart} ms apart. Numbers are shown as they come.",
  "network.no-picture": "There is no picture of the patient. The curves are {curves} ms behind. Numbers are shown as they come.",
  "quality.second-hand": "by another page",
};
