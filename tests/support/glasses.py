"""Glasses for a browser that has none: IWER, an emulator of WebXR devices (tests/vendor/iwer).

    page = await with_glasses(page)          # before it goes to the page that is looked at

It has sessions, their features, and frames; it composes nothing with the world, and shows no DOM overlay: how
the overlay looks in glasses only glasses show.
"""

from pathlib import Path

from playwright.async_api import Page

EMULATOR = Path(__file__).parents[1] / "vendor/iwer/iwer.min.js"
_INSTALL = """() => {
  if (!(document instanceof HTMLDocument)) return;
  const kind = IWER.metaQuest3;
  const supportedFeatures = [...kind.supportedFeatures, "dom-overlay"];
  new IWER.XRDevice({ ...kind, supportedFeatures }).installRuntime({ forceInstall: true });
  const ask = navigator.xr.requestSession.bind(navigator.xr);
  window.glasses = { sessions: [], frames: 0 };
  navigator.xr.requestSession = async (mode, options) => {
    const session = await ask(mode, options);
    const features = [...session.enabledFeatures];
    window.glasses.sessions.push({ mode, features, root: options.domOverlay.root.className });
    const count = () => {
      window.glasses.frames += 1;
      session.requestAnimationFrame(count);
    };
    session.requestAnimationFrame(count);
    window.glasses.leave = () => session.end();
    return session;
  };
}"""


async def with_glasses(page: Page) -> Page:
    """Pages that it goes to from now on have `navigator.xr`; `window.glasses` says what was asked of it."""
    await page.add_init_script(path=EMULATOR)
    await page.add_init_script(f"({_INSTALL})()")
    return page
