"""What a device measures: the objects of its configuration (20601, 6.3), standard or told by itself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from devices.codecs.phd.mder import Reader, attribute_list, attributes, listed, octets, u16
from devices.codecs.phd.nomenclature import SCADA, SECONDARY_MODALITIES, Attribute, metric_of

NUMERIC, ENUMERATION = 6, 5
"""Object classes: MDC_MOC_VMO_METRIC_NU and _ENUM."""

ValueMap = tuple[tuple[int, int], ...]
"""Attribute id and octets of each value in a fixed report, in order."""

_BASIC = ((int(Attribute.VALUE_BASIC), 2),)
_BASIC_AT = (*_BASIC, (int(Attribute.STAMP_ABSOLUTE), 8))
_SIMPLE_AT = ((int(Attribute.VALUE_SIMPLE), 4), (int(Attribute.STAMP_ABSOLUTE), 8))
_THREE_AT = ((int(Attribute.COMPOUND_BASIC), 10), (int(Attribute.STAMP_ABSOLUTE), 8))


@dataclass(frozen=True, slots=True)
class PhdObject:
    """One object. Codes are partition × 65536 + term; `unit` is an MDC_DIM code, 0 if it is not told."""

    handle: int
    code: int
    unit: int = 0
    values: ValueMap = ()
    parts: tuple[int, ...] = ()
    """The codes of a compound's numbers (Metric-Id-List)."""
    supplements: tuple[int, ...] = ()
    """Supplemental-Types: modality, site, sample."""
    kind: int = NUMERIC
    maps: bool = True
    """Whether its values may be readings: not if another object gives the same metric first."""

    @classmethod
    def decode(cls, kind: int, handle: int, told: Mapping[int, bytes]) -> "PhdObject":
        """The object that its attributes describe. Raises BadBytes."""
        return cls(handle, 0, kind=kind).with_attributes(told)

    def with_attributes(self, told: Mapping[int, bytes]) -> "PhdObject":
        """With those of its attributes that `told` holds changed. Raises BadBytes."""
        changed = self
        if Attribute.TYPE in told:
            changed = replace(changed, code=_code(Reader(told[Attribute.TYPE])))
        partition = changed.code >> 16 or SCADA
        if Attribute.METRIC_ID_PARTITION in told:
            partition = Reader(told[Attribute.METRIC_ID_PARTITION]).u16()
        if Attribute.METRIC_ID in told:
            changed = replace(changed, code=partition << 16 | Reader(told[Attribute.METRIC_ID]).u16())
        if Attribute.UNIT_CODE in told:
            changed = replace(changed, unit=Reader(told[Attribute.UNIT_CODE]).u16())
        if Attribute.VALUE_MAP in told:
            pairs = Reader(told[Attribute.VALUE_MAP]).items(lambda inner: (inner.u16(), inner.u16()))
            changed = replace(changed, values=tuple(pairs))
        if Attribute.METRIC_ID_LIST in told:
            terms = Reader(told[Attribute.METRIC_ID_LIST]).items(Reader.u16)
            changed = replace(changed, parts=tuple(partition << 16 | term for term in terms))
        if Attribute.SUPPLEMENTAL_TYPES in told:
            supplements = Reader(told[Attribute.SUPPLEMENTAL_TYPES]).items(_code)
            changed = replace(changed, supplements=tuple(supplements))
        return changed

    def encode(self) -> bytes:
        """Its ConfigObject."""
        told = [(int(Attribute.TYPE), _type(self.code)), (int(Attribute.METRIC_SPECIFICATION), u16(0xF040))]
        if self.parts:
            told.append((Attribute.METRIC_ID_LIST, listed(u16(part & 0xFFFF) for part in self.parts)))
        if self.unit:
            told.append((Attribute.UNIT_CODE, u16(self.unit)))
        told.append((Attribute.VALUE_MAP, listed(u16(name) + u16(size) for name, size in self.values)))
        if self.supplements:
            told.append((Attribute.SUPPLEMENTAL_TYPES, listed(_type(one) for one in self.supplements)))
        return u16(self.kind) + u16(self.handle) + attribute_list(told)


def _code(reader: Reader) -> int:
    return reader.u16() << 16 | reader.u16()


def _type(code: int) -> bytes:
    return u16(code >> 16) + u16(code & 0xFFFF)


Configuration = Mapping[int, PhdObject]
"""Objects by handle."""


def configuration(objects: Iterable[PhdObject]) -> dict[int, PhdObject]:
    """The objects by handle; of several that give one metric only the first, plain ones before the fast and
    slow averages, is to become readings."""
    by_handle = {one.handle: one for one in objects}
    taken: set[str] = set()
    for one in sorted(by_handle.values(), key=_is_secondary):
        metric = metric_of(one.code)
        if metric in taken:
            by_handle[one.handle] = replace(one, maps=False)
        elif metric:
            taken.add(metric)
    return by_handle


def _is_secondary(one: PhdObject) -> bool:
    return any(code in SECONDARY_MODALITIES for code in one.supplements)


def decode_report(data: bytes) -> tuple[int, dict[int, PhdObject]]:
    """A ConfigReport: its id, and the objects. Raises BadBytes."""
    reader = Reader(data)
    number = reader.u16()
    return number, configuration(reader.items(_config_object))


def _config_object(reader: Reader) -> PhdObject:
    kind, handle = reader.u16(), reader.u16()
    return PhdObject.decode(kind, handle, attributes(reader))


def encode_report(number: int, objects: Iterable[PhdObject]) -> bytes:
    """A ConfigReport."""
    return u16(number) + listed(one.encode() for one in objects)


def config_response(number: int, result: int = 0) -> bytes:
    """A ConfigReportRsp: 0 accepted, 1 unsupported."""
    return octets(u16(number) + u16(result))


def _oximeter(values: ValueMap) -> tuple[PhdObject, ...]:
    return PhdObject(1, 150456, 0x0220, values), PhdObject(10, 149530, 0x0AA0, values)


STANDARD: dict[int, Configuration] = {
    0x0190: configuration(_oximeter(_BASIC)),
    0x0191: configuration(_oximeter(_BASIC_AT)),
    0x02BC: configuration(
        (
            PhdObject(1, 150020, 0x0F20, _THREE_AT, parts=(150021, 150022, 150023)),
            PhdObject(2, 149546, 0x0AA0, _BASIC_AT),
        )
    ),
    0x0320: configuration((PhdObject(1, 150364, 0x17A0, _SIMPLE_AT),)),
    0x05DC: configuration((PhdObject(1, 188736, 0x06C3, _SIMPLE_AT),)),
    0x06A4: configuration((PhdObject(1, 160184, 0x0852, _BASIC_AT),)),
}
"""Standard configurations by dev-config-id: 11073-10404 (0190, 0191), -10407 (02BC), -10408 (0320), -10415
(05DC), -10417 (06A4), each in its table "numeric object attributes"."""
