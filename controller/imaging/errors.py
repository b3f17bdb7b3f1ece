"""What can go wrong in `controller.imaging`.

ImagingError
├── BadDicom         bytes that are not the DICOM that they claim to be: `reason` is a word to count by
├── BadUid           a UID that is none (PS3.5, 9.1)
├── BadQuery         a parameter of a search that is not of PS3.18 or not understood
├── BadDrawing       marks on an image that cannot be kept: outside of it, of no known kind, too many
├── BadMultipart     a body that is not the multipart/related that it claims to be
├── NoSuchImage      no study, series, instance, frame or value of that name, or none that may be seen
├── NotAcceptable    no form in which the thing can be given is one that the client takes
├── CannotDecode     pixel data that no decoder here reads, or that broke one
│   └── DecoderBusy      too many pictures wait for a decoder: try again soon
├── ArchiveFull      there is no room: nothing was kept
├── CannotSettle     a question of quarantine or reconciliation that cannot be answered like that
├── CannotRead       an instance is known, but its file is damaged or missing
│   └── OutOfReach       its file is at the slow place or in a bucket, which cannot be used now
├── BadSpeaker       a request by the inner door that does not say for whom it is made
├── ServiceRefused   the imaging service refused what another of our processes asked it for
├── ServiceSilent    the imaging service does not answer
├── PluginFailed     a plug-in crashed, hung, or answered nonsense
├── GoneMeanwhile    what a plug-in was to look at is not there any more, or is too large
└── BadViewer        the folder of the viewer's files is not one that was prepared
"""

from controller.errors import ControllerError


class ImagingError(ControllerError):
    """Anything that `controller.imaging` refuses."""


class BadDicom(ImagingError):
    """What was expected, what came, and at which byte. `reason` is a word to count by."""

    def __init__(self, reason: str, message: str, at: int | None = None) -> None:
        super().__init__(message if at is None else f"{message} (at byte {at})")
        self.reason = reason
        self.at = at


class BadUid(ImagingError):
    """A UID that is none."""


class BadQuery(ImagingError):
    """A search that cannot be done as it is asked for."""


class BadDrawing(ImagingError):
    """Marks on an image that cannot be kept as they are."""


class BadMultipart(ImagingError):
    """A body that is not the multipart/related that its Content-Type says (RFC 2046, RFC 2387)."""


class NoSuchImage(ImagingError):
    """Nothing of that name, or nothing that may be seen: the words are the same."""


class NotAcceptable(ImagingError):
    """The client takes no form in which the thing can be given."""


class CannotDecode(ImagingError):
    """Pixel data that no decoder here reads, or that broke one."""


class DecoderBusy(CannotDecode):
    """Too many pictures wait for a decoder: try again soon."""


class ArchiveFull(ImagingError):
    """There is no room: nothing was kept."""


class BadSpeaker(ImagingError):
    """A request by the inner door that does not say, or not understandably, for whom it is made."""


class ServiceRefused(ImagingError):
    """The imaging service refused: its HTTP `status`, its `code` for programs, its message for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class ServiceSilent(ImagingError):
    """The imaging service does not answer, or stopped in the middle of an answer."""


class BadViewer(ImagingError):
    """The folder of the viewer's files is not one that was prepared."""


class CannotRead(ImagingError):
    """An instance is known, but its file is damaged or missing: it is not given out."""


class OutOfReach(CannotRead):
    """The file is at the slow place or in a bucket, which does not answer now; it may well be whole."""


class CannotSettle(ImagingError):
    """A question of quarantine or reconciliation cannot be answered like that: everything is as it was."""


class PluginFailed(ImagingError):
    """A plug-in crashed, took too long and was ended, or answered what cannot be read."""


class GoneMeanwhile(ImagingError):
    """What a plug-in was to look at is not there any more, or is too large to be looked at."""
