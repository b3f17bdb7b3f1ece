"""Tiles of a room: whose first picture comes when they have left, or are back, is in nobody else's place."""

import pytest

from tests.browser.conftest import OpenPage

pytestmark = pytest.mark.asyncio(loop_scope="module")

_LEFT_AND_BACK = """async () => {
  const { Tiles } = await import("/public/room/tiles.js");
  const first = [];  // the moment of a first picture is the browser's: here it is the test's
  HTMLVideoElement.prototype.requestVideoFrameCallback = (told) => first.push(told);
  const node = document.body.appendChild(document.createElement("div"));
  const seen = [];
  const tiles = new Tiles(node, (seat, way) => seen.push(way));
  const ben = { seat: 1, name: "Ben", part: "staff", video: true, audio: true };
  const comes = (way) => {
    tiles.seat(ben, "up");
    tiles.track(1, document.createElement("canvas").captureStream(1).getVideoTracks()[0], way);
  };
  comes("before");
  tiles.only(new Set());
  first[0]();
  comes("after");
  first[0]();
  const early = [...seen];
  first[1]();
  return [early, seen, node.querySelectorAll("video:not([hidden])").length];
}"""


async def test_a_first_picture_that_comes_when_its_page_has_left_changes_nothing(open_page: OpenPage) -> None:
    page = await open_page("/login")
    assert await page.evaluate(_LEFT_AND_BACK) == [[], ["after"], 1]
