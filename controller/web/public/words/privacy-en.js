// Who could see the pictures of a room, in English.
export default {
  "privacy.mesh": "Pictures go from browser to browser",
  "privacy.mesh-means": "Pictures and sound are encrypted from your browser to each of the others. To be sure that nobody stands between you and another, read the code to each other. If it differs, somebody does: end the call.",
  "privacy.sfu": "The hospital's server passes the pictures on",
  "privacy.sfu-means": "With five or more, pictures and sound go through the hospital's server. They are encrypted on the way there and back; on the server itself they could be seen and heard. With fewer they go from browser to browser.",
  "privacy.with": "Code with {name}:",
};
