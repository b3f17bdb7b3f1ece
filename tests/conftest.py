"""What every test run is set to."""

from hypothesis import settings

settings.register_profile("wardlink", deadline=None)  # no test judges how fast a busy machine is
settings.load_profile("wardlink")
