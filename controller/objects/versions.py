"""What a bucket keeps beside its objects: older versions, marks of deletion, uploads that were never ended.

A bucket with versioning answers DELETE with a mark, and keeps the bytes. `purge` takes away every version and
every mark, and then looks whether nothing is left. For threads; methods raise ObjectsAway.
Source: Amazon S3 API Reference, ListObjectVersions, DeleteObject, ListMultipartUploads, AbortMultipartUpload.
"""

import ssl
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from controller.clock import Clock, utc_s_of
from controller.objects.errors import ObjectsAway
from controller.objects.settings import Access
from controller.objects.signing import Key, signed

WAITED_S: Final = 30.0
_LARGEST: Final = 16 << 20
"""Bytes of an answer: a thousand keys of a thousand characters are a megabyte."""
_TIMES: Final = 3
"""Somebody may put while all is taken away; then it is looked at again."""
_UNKNOWN: Final = frozenset({405, 501})
"""How an endpoint says that it has no versions at all."""


@dataclass(frozen=True, slots=True)
class Version:
    """One of an object, or a mark of its deletion."""

    name: str
    id: str


class Versions:
    """Of one place in a bucket; names are those of the bucket, with the prefix."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._key = Key(access.region, *access.credentials())
        self._bucket = f"{access.endpoint.rstrip('/')}/{quote(access.bucket, safe='')}"
        self._clock = clock
        self._tls = ssl.create_default_context(cadata=access.trusted())
        if access.ca_file is not None:
            self._tls.load_default_certs()

    def purge(self, name: str) -> None:
        """Every version of `name`; if it ends with a slash, of all under it."""
        for _ in range(_TIMES):
            if not (left := [*self.of(name)]):
                return
            for one in left:
                self._ask("DELETE", one.name, {"versionId": one.id})
        if any(self.of(name)):
            raise ObjectsAway(f"{self._bucket}/{name}: versions are still there: see the bucket's locks")

    def of(self, name: str) -> Iterator[Version]:
        """All that there are. An endpoint that knows no versions has none."""
        asked = {"versions": "", "prefix": name}
        while asked:
            if (found := self._ask("GET", "", asked)) is None:
                return
            for kind in ("Version", "DeleteMarker"):
                for one in found.iterfind(f"{{*}}{kind}"):
                    version = Version(_text(one, "Key"), _text(one, "VersionId"))
                    if version.name == name or name.endswith("/"):
                        yield version
            asked = _next(
                found, asked, {"key-marker": "NextKeyMarker", "version-id-marker": "NextVersionIdMarker"}
            )

    def drop_uploads(self, under: str, older_ms: int) -> int:
        """End those that began before `older_ms` (UTC) and never ended; whoever was killed left their parts.

        Returns how many."""
        asked, number = {"uploads": "", "prefix": under}, 0
        while asked:
            if (found := self._ask("GET", "", asked)) is None:
                return number
            for one in found.iterfind("{*}Upload"):
                began_s = utc_s_of(_text(one, "Initiated"))
                if began_s is not None and began_s * 1000 < older_ms:
                    self._ask("DELETE", _text(one, "Key"), {"uploadId": _text(one, "UploadId")})
                    number += 1
            asked = _next(
                found, asked, {"key-marker": "NextKeyMarker", "upload-id-marker": "NextUploadIdMarker"}
            )
        return number

    def _ask(self, method: str, name: str, query: Mapping[str, str]) -> ElementTree.Element | None:
        """The answer; None: there is none to this question."""
        url = f"{self._bucket}/{quote(name, safe='/-_.~')}" if name else self._bucket
        url += "?" + urlencode(query, quote_via=quote, safe="-_.~")
        heads = signed(self._key, method, url, self._clock.utc_us())
        request = urllib.request.Request(url, headers=heads, method=method)
        try:
            with urllib.request.urlopen(request, timeout=WAITED_S, context=self._tls) as answer:
                content = answer.read(_LARGEST)
        except HTTPError as error:
            if (error.code == 404 and method == "DELETE") or error.code in _UNKNOWN:
                return None
            raise ObjectsAway(
                f"{url.partition('?')[0]}: answers {error.code} to {method} {next(iter(query))}"
            ) from error
        except (URLError, TimeoutError, OSError) as error:
            raise ObjectsAway(f"{self._bucket}: does not answer: {error}") from error
        return _read(content, url) if method == "GET" else None


def _read(content: bytes, url: str) -> ElementTree.Element:
    """Raises ObjectsAway. Expat expands no entities beyond a limit, and none from elsewhere."""
    try:
        return ElementTree.fromstring(content)
    except ElementTree.ParseError as error:
        raise ObjectsAway(f"{url.partition('?')[0]}: expected XML: {error}") from error


def _next(found: ElementTree.Element, asked: Mapping[str, str], marks: Mapping[str, str]) -> dict[str, str]:
    """The question for what comes then; empty: that was all."""
    if _text(found, "IsTruncated") != "true":
        return {}
    return {**asked, **{name: text for name, tag in marks.items() if (text := _text(found, tag))}}


def _text(element: ElementTree.Element, tag: str) -> str:
    return element.findtext(f"{{*}}{tag}") or ""
