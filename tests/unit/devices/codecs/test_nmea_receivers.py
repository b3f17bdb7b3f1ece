"""NMEA 0183: sentences of many receivers, and of other projects' tests, mean what they say they mean."""

from decimal import Decimal

import pytest

from devices.codecs.nmea.codec import NmeaGnss
from devices.codecs.nmea.fix import Verdict, read
from devices.codecs.nmea.sentence import decode
from devices.errors import BadBytes
from devices.model.observation import Instant, NoValue, Reading
from devices.model.units import converted

RECEIVERS = [
    ("$GPGGA,213950.00,5250.53669,N,00542.34920,E,1,09,1.03,-6.0,M,45.8,M,,*7B", "52.842278167", "5.70582"),
    ("$GPRMC,194907.00,A,5241.99815,N,00517.56525,E,0.005,,010809,,,A*7B", "52.699969167", "5.292754167"),
    ("$GPRMC,000231.099,A,4829.0005,N,00022.0015,E,0.15,212.28,2208-1,,,A*73", "48.483341667", "0.366691667"),
    ("$GPGGA,171002.972,5200.8519,N,00421.7812,E,1,08,1.0,8.8,M,44.8,M,,0000*5D", "52.014198333", "4.36302"),
    ("$GPGGA,094736,5251.0094,N,00518.8172,E,1,12,0.60,-4,M,46.8,M,,*4B", "52.850156667", "5.31362"),
    ("$GPGGA,123433.000,5356.21442,N,02734.85952,E,1,04,07.2,251.9,M,26.0,M,,*67", "53.936907", "27.580992"),
    ("$GPGGA,143748.77,4806.3731,N,00138.6217,W,1,10,1.1,42.2,M,48.5,M,,*4B", "48.106218333", "-1.643695"),
    ("$GPGGA,200619.30,5313.2228,N,00634.4228,E,1,05,2.6,00000,M,,,,*2C", "53.22038", "6.573713333"),
    ("$GPRMC,005947.00,A,3715.6616,N,12157.6709,W,0.0,0.0,080710,,*2F", "37.261026667", "-121.961181667"),
    ("$GPGGA,200004,5504.4343,N,01025.5386,E,2,03,2.5,-9.1,M,43.9,M,,*62", "55.073905", "10.425643333"),
    ("$GNGGA,120213.000,5957.0062,N,01100.6429,E,2,00,1.3,168.9,M,39.5,M,,*4A", "59.950103333", "11.010715"),
    ("$GPGGA,113258,3238.9148,N,10822.4466,W,2,08,1.1,1577.4,M,-24.6,M,,*4D", "32.64858", "-108.37411"),
    ("$GPGGA,093802,5213.1439,N,02100.6511,E,2,10,0.9,137.2,M,36.2,M,,*43", "52.219065", "21.010851667"),
    ("$GPGGA,120326,4221.3871,N,01322.0800,E,1,00,3.1,746.1,M,44.2,M,,*40", "42.356451667", "13.368"),
    ("$GPGGA,225308,4527.458,S,16709.165,E,1,05,2.1,14.7,M,1.1,M,,*53", "-45.457633333", "167.15275"),
    ("$GPRMC,205206.00,A,4405.556,N,12118.398,W,000.0,000.0,090605,0.0,E*49", "44.0926", "-121.306633333"),
    ("$GPGGA,120824.76,3908.8199,N,00023.0832,W,1,06,2.1,00176,M,,,,*39", "39.146998333", "-0.38472"),
    ("$GPRMC,220952.00,A,4742.21,N,01200.75,E,0.0,0.0,181223,0.0,E*5A", "47.7035", "12.0125"),
    ("$GPGGA,110518.000,5709.8067,N,00207.2822,W,1,08,1.0,59.3,M,48.2,M,,0000*77", "57.163445", "-2.12137"),
    ("$GPGGA,112257.00,3844.24011,N,00908.43828,W,1,03,10.5,,,,,,*72", "38.737335167", "-9.140638"),
    ("$GNGGA,080359.00,5002.453527,N,01958.831794,E,1,14,0.9,202.1,M,,M,,*66", "50.040892117", "19.9805299"),
    ("$GPGGA,130711,5012.790800,N,00806.879600,W,2,,,,,,,*6A", "50.21318", "-8.11466"),
    ("$GPRMC,193221.00,A,2037.7279,N,08704.0848,W,00.1,201.8,231207,01,W,A*2D", "20.628798333", "-87.06808"),
    ("$GPGGA,105153.71,5050.4122,N,00420.8266,E,1,04,2.25,109.44,M,,M,,*77", "50.840203333", "4.34711"),
    ("$GPGGA,230149,3348.605,N,11821.126,W,1,05,1.7,49.4,M,-32.4,M,,*4E", "33.810083333", "-118.3521"),
    ("$GPGGA,175736,5125.8714,N,00524.2350,E,1,04,3.40,60.28,M,46.999,M,,*79", "51.43119", "5.403916667"),
    ("$GPGGA,071736.000,4404.1316,N,12118.8445,W,1,4,5.21,1134.4,M,-19.6,M,,*5F", "44.06886", "-121.314075"),
    ("$GPGGA,030129.00,2638.1726,N,08011.3892,W,1,06,1.5,00016,M,-0028,M,,*50", "26.63621", "-80.18982"),
    ("$GPGGA,083723.00,5155.55442,N,00434.65873,E,1,06,2.51,-4.0,M,46.0,M,,*70", "51.925907", "4.5776455"),
]
"""From recordings of gpsd (ntpsec/gpsd, test/daemon), with the position that gpsd itself reads from them.

ais-nmea, ait250, april6_2019, bn-9015, bundg_zeus_9, ch-4701, com-1289, eXplorist210, firefly-II,
foretrex-201, furuno_gl_ga, garmin15x, garmin17n, garmin25lp, garmin48, magellan-ec10, magellan315,
meinberg-gps164, nd-1005, polarx2, quectelLC79D-1, saab-r4, ac12, telit-he910, tn204, tomtom-mkII,
tr737A+, triton400, ublox-lea-5h.
"""


@pytest.mark.parametrize(("sentence", "latitude", "longitude"), RECEIVERS)
def test_a_receiver_s_position_is_what_gpsd_reads(sentence: str, latitude: str, longitude: str) -> None:
    codec = NmeaGnss()
    codec.receive_data(f"{sentence}\r\n".encode(), Instant(0))
    said = {one.metric: one.value for one in codec.handle_timer(Instant(10**9)) if isinstance(one, Reading)}
    for metric, wanted in (("latitude", latitude), ("longitude", longitude)):
        value = said[metric]
        assert value is not None
        assert abs(value - Decimal(wanted)) <= Decimal("1E-8")


def test_a_sign_that_says_the_same_as_the_side_is_taken() -> None:
    """pynmeagps, tests/pygpsdata-um981.log: a Unicore UM981, of which GGA has 00214.41467156,W."""
    sentence = "$GNGLL,5327.03598945,N,-0214.41467156,W,130058.00,A,A*7E"
    assert values(sentence)["longitude"] == Decimal("-2.240244526")


@pytest.mark.parametrize(
    "sentence",
    [
        "$GNRMC,003657.000,A,2324.3944811,N,11313.8621125,E,0.430,43.152,020124,,,A,U*32",
        "$GNRMC,130058.00,A,5327.03598945,N,00214.41467156,W,0.097,125.7,240226,0.2,W,A,C*4F",
    ],
)
def test_receivers_that_tell_a_navigational_status_have_a_position_that_is_questionable(
    sentence: str,
) -> None:
    """LuatOS' tests of libgnss (U); pynmeagps, tests/pygpsdata-um981.log (C)."""
    told = read(decode(sentence.encode()))
    assert told is not None
    assert told.verdict is Verdict.CAUTION
    assert isinstance(told.values["latitude"], Decimal)


def values(sentence: str) -> dict[str, Decimal | NoValue]:
    told = read(decode(sentence.encode()))
    return told.values if told else {}


@pytest.mark.parametrize(
    ("sentence", "wanted"),
    [
        (
            "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47",
            {"latitude": "48.1173", "longitude": "11.5166666667", "altitude": "545.4", "gnss_hdop": "0.9"},
        ),
        (
            "$GPGGA,184353.07,1929.045,S,02410.506,E,1,04,2.6,100.00,M,-33.9,M,,0000*6D",
            {"latitude": "-19.48408333", "longitude": "24.1751", "altitude": "100", "gnss_satellites": "4"},
        ),
        (
            "$GPGLL,3723.2475,N,12158.3416,W,161229.487,A,A*41",
            {"latitude": "37.387458333", "longitude": "-121.972360"},
        ),
        (
            "$GPGLL,4916.45,N,12311.12,W,225444,A,*1D",
            {"latitude": "49.274166667", "longitude": "-123.185333"},
        ),
        ("$IIGLL,5924.462,N,01030.048,E,062216,A*38", {"latitude": "59.4077", "longitude": "10.5008"}),
        (
            "$GPRMC,081836,A,3751.65,S,14507.36,E,000.0,360.0,130998,011.3,E*62",
            {"latitude": "-37.860833333", "longitude": "145.122667", "vehicle_course": "360"},
        ),
        (
            "$GNRMC,102014.00,A,5550.6082,N,03732.2488,E,000.00000,092.9,300518,,,A,V*3B",
            {
                "latitude": "55.843470",
                "longitude": "37.537480",
                "vehicle_speed": "0",
                "vehicle_course": "92.9",
            },
        ),
        (
            "$GNGNS,014035.00,4332.69262,S,17235.48549,E,RR,13,0.9,25.63,11.24,,*70",
            {
                "latitude": "-43.544877",
                "longitude": "172.591425",
                "altitude": "25.63",
                "gnss_satellites": "13",
            },
        ),
        (
            "$GPGNS,224749.00,3333.4268304,N,11153.3538273,W,D,19,0.6,406.110,-26.294,6.0,0138,S*6A",
            {"latitude": "33.55711384", "longitude": "-111.889230455", "altitude": "406.11"},
        ),
        ("$GPVTG,220.86,T,,M,2.550,N,4.724,K,A*34", {"vehicle_course": "220.86", "vehicle_speed": "4.7226"}),
        ("$GPVTG,054.7,T,034.4,M,005.5,N,010.2,K*48", {"vehicle_course": "54.7", "vehicle_speed": "10.186"}),
    ],
)
def test_sentences_of_minmea_pynmea2_and_go_nmea_mean_what_their_tests_say(
    sentence: str, wanted: dict[str, str]
) -> None:
    told = values(sentence)
    for metric, value in wanted.items():
        found = told[metric]
        assert isinstance(found, Decimal)
        assert abs(found - Decimal(value)) <= Decimal("1E-6")


@pytest.mark.parametrize(
    ("sentence", "verdict"),
    [
        ("$GNRMC,220516,D,5133.82,N,00042.24,W,173.8,231.8,130694,004.2,W*6B", Verdict.NONE),
        ("$GPGGA,034225.077,3356.4650,S,15124.5567,E,12,03,9.7,-25.0,M,21.0,M,,0000*63", Verdict.NONE),
        ("$GPGLL,3926.7952,N,12000.5947,W,022732,D,A*5D", Verdict.NONE),
        ("$YDRMC,124014.00,A,5520.2848,N,01321.5108,E,0.0,0.0,230623,4.4,E,A,C*5D", Verdict.CAUTION),
        ("$GNGNS,094821.0,4849.931307,N,00216.053323,E,AAN,14,0.6,161.5,48.0,,*23", Verdict.GOOD),
        ("$GPRMC,,V,,,,,,,,,,N*53", Verdict.NONE),
        ("$GPGLL,,,,,,V,N*64", Verdict.NONE),
        ("$GPGGA,,,,,,0,00,99.99,,,,,,*48", Verdict.NONE),
    ],
)
def test_what_go_nmea_and_minmea_have_as_invalid_is_no_position(sentence: str, verdict: Verdict) -> None:
    told = read(decode(sentence.encode()))
    assert told is not None
    assert told.verdict is verdict
    if verdict is Verdict.NONE:
        assert not isinstance(told.values["latitude"], Decimal)


@pytest.mark.parametrize(
    "sentence",
    [
        "$GNGGA,034225.077,A,S,15124.5567,E,1,03,9.7,-25.0,M,21.0,M,,0000*24",
        "$GNGGA,034225.077,3356.4650,S,A,E,1,03,9.7,-25.0,M,21.0,M,,0000*12",
        "$GNRMC,103607.00,A,5327.03942,N,10214.42462,W,X.046,,060321,,,A,V*66",
    ],
)
def test_a_field_that_is_no_number_spoils_its_sentence(sentence: str) -> None:
    with pytest.raises(BadBytes):
        values(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "$GPTXT,01,01,02,ANTSTATUS=INIT*26",
        "$GPVTG,,,,\xff,,,,,N*30",
        "$GPXTE,A,A,0.67,L,N*6e",
        "$GPXTE,A,A,0.67,L,N*6g",
        "gps: $GPGLL,,,,,,V,N",
    ],
)
def test_what_minmea_refuses_is_refused(sentence: str) -> None:
    with pytest.raises(BadBytes):
        decode(sentence.encode("latin-1"))


def test_a_knot_is_a_nautical_mile_an_hour() -> None:
    assert converted(Decimal(1), "[kn_i]", "km/h") == Decimal("1.852")
