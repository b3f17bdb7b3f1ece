"""Whatever happens in whatever order: no alarm is lost or told twice, no limit judges another patient."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from devices.model.alarm_limits import CONDITIONS, PatientClass
from devices.model.identity import LocationId
from devices.model.observation import Instant, Quality
from gateway.alarms.alarm import Raised, Who
from gateway.alarms.onset import LONGEST_DOUBT_NS
from gateway.alarms.patients import Patients
from gateway.alarms.physiological import Physiological
from tests.unit.gateway.alarms.said import ECG, OTHER, OX, S, at, value

BEDS = st.sampled_from([OX[1], OTHER[1]])
WHO = st.sampled_from([OX, ECG, OTHER])
QUALITY = st.sampled_from([Quality.GOOD, Quality.ARTIFACT, Quality.STORED])
NOW = st.sampled_from([Quality.GOOD, Quality.ARTIFACT])
METRIC = st.sampled_from(["hr", "pr_spo2", "spo2", "nibp_sys", "qrs_gap", "pulse_gap"])


class AnyOrder(RuleBasedStateMachine):
    """`believed` is what somebody knows who only reads what is told: bed, device and code by number."""

    def __init__(self) -> None:
        super().__init__()
        self.patients = Patients(PatientClass.ADULT, {})
        self.alarms = Physiological(self.patients.limit, 0)
        self.now = at(0)
        self.names = 0
        self.believed: dict[int, tuple[str, str, str]] = {}
        self.ended: set[int] = set()

    def name(self) -> str:
        self.names += 1
        return f"{self.names:016x}"

    def tell(self, raised: list[Raised]) -> None:
        for (device, bed), alert in raised:
            number, whose = int(alert.detail["alarm"]), (bed or "", str(device), alert.code)
            assert number not in self.ended, "what has ended is told again"
            if alert.active:
                if number not in self.believed:
                    own = self.patients.limit(CONDITIONS[alert.code], bed)
                    assert alert.detail["limit"] == str(own), "another patient's limit"
                assert self.believed.setdefault(number, whose) == whose
            else:
                assert self.believed.pop(number, None) == whose, "what was never told ends"
                self.ended.add(number)

    @rule(who=WHO, metric=METRIC, number=st.one_of(st.none(), st.integers(0, 300)), quality=QUALITY)
    def a_value_comes(self, who: Who, metric: str, number: int | None, quality: Quality) -> None:
        self.now = Instant(self.now + S)
        self.tell(self.alarms.measured(who, value(metric, self.now / S, number, quality)))

    @rule(
        who=WHO, quality=st.lists(st.sampled_from([Quality.GOOD, Quality.ARTIFACT]), min_size=1, max_size=9)
    )
    def a_value_stays_beyond_every_limit(self, who: Who, quality: list[Quality]) -> None:
        for second in range(LONGEST_DOUBT_NS // S + 2):
            self.now = Instant(self.now + S)
            one = quality[second % len(quality)]
            self.tell(self.alarms.measured(who, value("spo2", self.now / S, 50, one)))
        held = {whose[1:] for whose in self.believed.values()}
        assert {(who[0], "spo2-low"), (who[0], "spo2-desaturation")} <= held, "an alarm is lost"

    @rule(seconds=st.integers(1, 200))
    def time_passes(self, seconds: int) -> None:
        self.now = Instant(self.now + seconds * S)
        self.tell(self.alarms.tick(self.now))

    @rule(who=WHO)
    def a_link_is_lost(self, who: Who) -> None:
        before = set(self.believed)
        self.tell(self.alarms.lost(who[0], self.now))
        assert set(self.believed) == before, "an alarm ends with the link"

    @rule(who=WHO)
    def a_device_is_served_no_more(self, who: Who) -> None:
        self.tell(self.alarms.gone(who[0], self.now))
        assert all(device != who[0] for _, device, _ in self.believed.values())

    @rule(which=st.integers(0, 5))
    def somebody_has_seen_one(self, which: int) -> None:
        for number in sorted(self.believed)[which : which + 1]:
            self.tell(self.alarms.acknowledge(number, self.now))

    @rule(later=st.integers(0, 100))
    def the_box_starts_again(self, later: int) -> None:
        kept, patients = self.alarms.kept(), self.patients.kept()
        self.patients = Patients(PatientClass.ADULT, {})
        self.patients.restore(patients)
        self.alarms = Physiological(self.patients.limit, self.alarms.number + later)
        self.tell(self.alarms.restore(kept, self.now))

    @rule(bed=BEDS, patient=st.sampled_from(list(PatientClass)))
    def a_patient_comes(self, bed: LocationId, patient: PatientClass) -> None:
        before, _ = self.patients.begin(bed, self.name(), patient)
        self.alarms.forget_limits(bed)
        if before is not None:
            self.tell(self.alarms.left(bed, self.now))
            assert all(whose[0] != bed for whose in self.believed.values())

    @rule(bed=BEDS)
    def a_patient_leaves(self, bed: LocationId) -> None:
        self.patients.end(bed)
        self.tell(self.alarms.left(bed, self.now))
        assert all(whose[0] != bed for whose in self.believed.values())
        assert self.patients.limit(CONDITIONS["spo2-low"], bed) == 90

    @rule(bed=BEDS, number=st.integers(85, 95))
    def a_limit_is_set(self, bed: LocationId, number: int) -> None:
        stay = self.patients.at(bed)
        if stay is not None:
            assert self.patients.put(self.patients.moved(bed, stay.id, "spo2-low", Decimal(number), "kim"))
            self.alarms.forget_limits(bed)

    @invariant()
    def what_is_told_is_what_is_active(self) -> None:
        assert {one.number: (one.bed, one.device, one.code) for one in self.alarms.active} == self.believed


AnyOrder.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyOrder = AnyOrder.TestCase
