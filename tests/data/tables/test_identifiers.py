"""Columns that name rows are known by name and form; amounts, times and measurements are none."""

from __future__ import annotations

import uuid

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from tests.conftest import SHARED

from transfergap import audit
from transfergap.data.tables.column_names import name_strength
from transfergap.data.tables.identifiers import identifier_columns
from transfergap.data.validation import make_problem
from transfergap.errors import ConfigurationError
from transfergap.report.advice import recommendations

RNG = np.random.default_rng(0)
N = 60
FIRST = ["Ada", "Bo", "Chidi", "Dara", "Eli", "Femi", "Gina", "Hugo"]
FIRST += ["Ines", "Jan", "Kofi", "Lena", "Milo", "Nia", "Otto", "Pia"]
LAST = ["Adeyemi", "Brandt", "Castillo", "Dupont", "Eriksen", "Fontaine"]
LAST += ["Gruber", "Horvath", "Ivanova", "Jansen", "Kovac"]


def signs(n_digits, rng=RNG):
    """Return two letters and a number of so many digits a row, drawn as plates are."""
    letters = np.array(list("ABCDEFGHJKLMNPRSTVWXYZ"))
    pairs = rng.choice(letters, (N, 2)).tolist()
    numbers = rng.integers(10 ** (n_digits - 1), 10**n_digits, N).tolist()
    return [(a, b, k) for (a, b), k in zip(pairs, numbers, strict=True)]


def persons(rng=RNG):
    """Return a first and a last name a row, of which a few are two people's."""
    ends = ["", "sen", "-Roth", "ova", "berg", "i"]
    return [
        (FIRST[int(a)], LAST[int(b)] + ends[int(c)])
        for a, b, c in zip(rng.integers(16, size=N), rng.integers(11, size=N),
                           rng.integers(6, size=N), strict=True)
    ]  # fmt: skip


NAMES_OF_ROWS = {
    "Unnamed: 0": np.arange(N),
    "index": np.arange(N) + 1,
    "record": 50_000 + np.arange(N),
    "row": RNG.permutation(N),
    "k": RNG.permutation(N) + 900,
    "patient_id": RNG.permutation(900_000)[:N],
    "CustomerID": RNG.permutation(900_000)[:N].astype(float),
    "accession": [f"ACC-{k:05d}" for k in RNG.permutation(90_000)[:N]],
    "case": [f"P{k}" for k in RNG.permutation(9_000)[:N]],
    "uuid": [str(uuid.UUID(int=int(k))) for k in RNG.integers(1, 2**60, N)],
    "token": [f"{k:016x}" for k in RNG.integers(1, 2**60, N)],
    "mrn": [f"{k:07d}" for k in RNG.permutation(900_000)[:N]],
    "who": [f"user{k}@example.org" for k in range(N)],
    "slide": [f"biopsy-{k:04d}-HE.svs" for k in RNG.permutation(9_000)[:N]],
    "picture": [f"ward 3/IMG {k}.JPG" for k in RNG.permutation(9_000)[:N]],
    "volume": [f"sub-{k:02d}_ses-1_T1w.nii.gz" for k in range(N)],
    "of": [f"{k:05d}.wav" for k in range(N)],
    "car": [f"{a}{b} {k} {b}{a}" for a, b, k in signs(3)],
    "truck": [f"{k}-{a}{b}{a}" for a, b, k in signs(4)],
    "bike": [f"M-{a}{b} {k}" for a, b, k in signs(4)],
    "account": [f"NL{k % 89 + 10} ABNA {k * 7919 % 10**9:09d}" for k in RNG.permutation(9_000)[:N]],
    "tube": [f"T{k:04d}-B" for k in RNG.permutation(9_000)[:N]],
    "sample": [f"2021_{k:03d}_plasma" for k in RNG.permutation(900)[:N]],
    "chart no": [f"{k}/19B" for k in RNG.permutation(9_000)[:N]],
    "someone": [f"{first} {last}" for first, last in persons()],
    "doctor": [f"{last}, {first}" for first, last in persons()],
    "nurse": [f"{first[0]}. {last}".upper() for first, last in persons()],
    "surname": [f"{first[:2]}{last[2:]}" for first in FIRST for last in LAST][:N],
    "user_name": [f"{first}{last[:3]}".lower() for first in FIRST for last in LAST][:N],
}
DRAW = np.random.default_rng(21)  # of its own: what is drawn above stays what it is


def drawn(letters, length, rng=DRAW):
    """Return texts of one length, drawn from some letters."""
    return ["".join(row) for row in rng.choice(list(letters), (N, length)).tolist()]


def digits(*widths, rng=DRAW):
    """Return groups of digits a row, none of which begins with 0."""
    low = [10 ** (width - 1) for width in widths]
    return rng.integers(low, [10 * value for value in low], (N, len(widths))).tolist()


# Made-up numbers in the forms of offices, shops and networks.
NAMES_OF_ROWS |= {
    "social security": [f"{a:03d}-{b}-{c}" for a, b, c in digits(3, 2, 4)],
    "ssn": [f"{a}-{b}-{c}" for a, b, c in digits(3, 2, 4)],
    "contact_id": [f"({a}) {b}-{c}" for a, b, c in digits(3, 3, 4)],
    "call": [f"({a}) {b}-{c}" for a, b, c in digits(3, 3, 4)],
    "ring": [f"+49 {a} {b}" for a, b in digits(2, 7)],
    "tax": [f"{a}.{b}.{c}-{c % 10 if c % 11 else 'K'}" for a, b, c in digits(2, 3, 3)],
    "network card": [":".join(f"{v:02x}" for v in row) for row in DRAW.integers(256, size=(N, 6))],
    "host": [".".join(map(str, row)) for row in DRAW.integers(1, 255, (N, 4)).tolist()],
    "yearly": [f"{2020 + a % 5}-{a}" for (a,) in digits(5)],
    "lab": [f"{'PQ'[a % 2]}{a}" for (a,) in digits(6)],
    "clip": drawn("ABCDEFabcdefxyzXYZ0123456789-_", 11),
    "coupon": drawn("ACGTXYZ0123456789", 10),
    "session": drawn("abcdefghijklmnop", 8),
    "counted as text": [str(k) for k in range(N)],
    "door": [f"{k + 1}a" for k in range(N)],
    "in tens": np.arange(N)[::-1] * 10 + 10,
    "in blocks": np.r_[np.arange(N // 2), np.arange(5_000, 5_000 + N // 2)],
    "snowflake": 10**18 + DRAW.integers(10**9, size=N),
    "snowflake as text": [str(10**18 + k) for k in DRAW.integers(10**9, size=N).tolist()],
}
UNDER_NAMES = ["Fallnummer", "kundennummer", "patientnr", "Matrikelnr", "Sozialversicherungsnr"]
UNDER_NAMES += ["studyid", "patid", "objectid", "pid", "subject", "participant", "client", "номер"]
UNDER_NAMES += ["customer account", "ticket", "isbn", "barcode", "phone", "患者编号"]
NAMES_OF_ROWS |= {name: DRAW.choice(900_000, N, replace=False) + 100_000 for name in UNDER_NAMES}
NO_NAMES = {
    "income": RNG.permutation(90_000)[:N] + 12_000,
    "cents": RNG.permutation(1_000_000)[:N],
    "seconds": RNG.normal(300, 40, N).round(3),
    "age": RNG.integers(18, 90, N),
    "day": RNG.permutation(N),
    "dose": RNG.permutation(N) + 5,
    "visited": pd.date_range("2024-01-01", periods=N),
    "seen": pd.date_range("2024-01-01", periods=N).astype(str),
    "admitted": pd.date_range("2024-01-01", periods=N).strftime("%d.%m.%Y"),
    "humid": RNG.permutation(5_000)[:N],
    "lipid": RNG.permutation(5_000)[:N],
    "molecule": ["C" * int(k) + "(=O)" + "N" * int(m) for k, m in RNG.integers(1, 99, (N, 2))],
    "note": [f"came in at {k}, was well and left" for k in range(N)],
    "spoken": [f"room{k} and bed{k % 7}" for k in RNG.permutation(90)[:N] + 10],
    "ratio": [f"{k / 997:.3f}" if k % 7 else "n.a." for k in RNG.permutation(3_000)[:N]],
    "blood": [f"{a}/{b}" for a, b in RNG.integers((90, 50), (190, 110), (N, 2))],
    "clock": [f"{k // 60:02d}:{k % 60:02d}:{k % 53:02d}" for k in RNG.permutation(1440)[:N]],
    "lasted": [f"{k // 60}h {k % 60}min" for k in RNG.permutation(1440)[:N]],
    "mass": [f"{k} kg" for k in RNG.permutation(900)[:N] + 100],
    "position": [f"{k / 97:.4f}N {k / 41:.4f}E" for k in RNG.permutation(4_000)[:N]],
    "postcode": [f"{a}{k % 10}{b} {k // 100}{b}{a}" for a, b, k in signs(3)],
    "icd": [f"{a}{k // 10}.{k % 10}" for a, _, k in signs(3)],
    "town": [f"{last}, TX" for _, last in persons()],
    "street": [f"{k} {last} Street" for k, (_, last) in enumerate(persons())],
    "lives": [
        f"{last} {road}" for (_, last), road in zip(persons(), ["Street", "Road"] * 30, strict=True)
    ],
    "review": [
        f"Good value, but {last} was late and the {first} broke" for first, last in persons()
    ],
    "title": [f"The {last} of {first} and the Sea" for first, last in persons()],
    "diagnosis": [f"{first.lower()} fracture of {last.lower()}" for first, last in persons()],
    "link": [f"example.org/{first}/{last}?page={k}" for k, (first, last) in enumerate(persons())],
    "formula": [f"C{a}H{b}N{c}O" for a, b, c in RNG.integers(1, 60, (N, 3))],
    "smoker": RNG.random(N) < 0.5,
}
NO_NAMES |= {
    "peptide": drawn("ACDEFGHIKLMNPQRSTVWY", 9),
    "primer": drawn("ACGT", 20),
    "pressure and pulse": [f"{a}/{b}/{c % 50 + 40}" for a, b, c in digits(3, 2, 2)],
    "years of office": [f"{1900 + a}-{1905 + a}" for a in range(N)],
    "met": [f"{a % 28 + 1}/{a % 12 + 1}/{1900 + a % 100}" for a in range(N)],
    "seen at": [f"2024-{a % 12 + 1:02d}-{a % 28 + 1:02d} 10:{a % 60:02d}" for a in range(N)],
    "day of year": [f"2024-{a}" for a in DRAW.permutation(266)[:N] + 100],
    "score of sets": [f"6-{a % 5} 6-{b % 5} {a}" for a, b in digits(1, 1)],
    "located": [f"{a}.{b} {c}.{b}" for a, b, c in digits(2, 4, 2)],
    "account": DRAW.lognormal(9, 2, N).astype(int),
    "n_customer": DRAW.choice(9_000, N, replace=False) + 1_000,
    "number of the client": DRAW.choice(9_000, N, replace=False) + 1_000,
    "bid": DRAW.choice(9_000, N, replace=False) + 1_000,
    "lot": DRAW.choice(9_000, N, replace=False) + 1_000,
    "paid": DRAW.choice(9_000, N, replace=False) + 1_000,
    "loan": DRAW.choice(900, N, replace=False) * 100 + 1_000,
    "paid monthly": 52_000 + 1_000 * np.arange(N),
    "priced": DRAW.choice(90, N) * 10,
    "timestamp": 1_700_000_000_000_000_000 + DRAW.integers(10**16, size=N),
    "logged": (1_700_000_000 + DRAW.integers(10**7, size=N)) * 1_000_000_000,
    "disease": [f"{a}{k}" for a, _, k in signs(3, DRAW)],
    "chlorid": DRAW.choice(900, N, replace=False) + 100,
    "hausnummer": DRAW.choice(900, N, replace=False) + 100,
}


def labels():
    return np.random.default_rng(1).integers(0, 2, N)


@pytest.mark.parametrize("name", NAMES_OF_ROWS)
def test_a_name_of_rows_is_known(name):
    table = pd.DataFrame({name: NAMES_OF_ROWS[name], "x": RNG.normal(size=N)})
    assert [column.name for column in identifier_columns(table, labels(), {})] == [name]


@pytest.mark.parametrize("name", NO_NAMES)
def test_a_measurement_is_no_name(name):
    table = pd.DataFrame({name: NO_NAMES[name], "x": RNG.normal(size=N)})
    assert identifier_columns(table, labels(), {}) == ()


# Rows that a name numbers, in several languages, and measurements whose names end alike.
NUMBERED = ["patient_number", "record_index", "invoice_no", "Order #", "MRN#", "Sample #"]
NUMBERED += ["id_of_patient", "SK_ID_CURR", "RESPID", "SEQN", "FID", "UHID", "NSS", "folio"]
NUMBERED += ["Código", "código de cliente", "identificador", "identifiant", "N° dossier"]
NUMBERED += ["nr pacjenta", "numer_pacjenta", "no_pasien", "kundenid", "患者ID", "Unnamed: 0.1"]
MEASUREMENTS = ["platelet_number", "copy_number", "reynolds_number", "wavenumber", "platelets_no"]
MEASUREMENTS += ["NO", "NO2", "cost_per_patient", "Kosten pro Fall", "revenue_per_customer"]
MEASUREMENTS += ["weight_of_patient", "peso do paciente", "calls_phone", "duration_session"]
MEASUREMENTS += ["value_policy", "amount_invoice", "baltic_price_index", "nikkei_index"]
MEASUREMENTS += ["number of visits", "número de visitas", "# beds", "WBC count no", "depth_key"]


@pytest.mark.parametrize("name", NUMBERED)
def test_names_that_number_rows_are_known_in_many_forms(name):
    values = np.random.default_rng(22).choice(90_000, N, replace=False) + 10_000
    table = pd.DataFrame({name: values, "x": RNG.normal(size=N)})
    assert [column.name for column in identifier_columns(table, labels(), {})] == [name]


@pytest.mark.parametrize("name", MEASUREMENTS)
def test_measurements_whose_names_end_as_those_of_rows_stay(name):
    """No label follows them here: the name alone protects."""
    values = np.random.default_rng(22).choice(90_000, N, replace=False) + 10_000
    table = pd.DataFrame({name: values, "x": RNG.normal(size=N)})
    assert identifier_columns(table, labels(), {}) == ()


@pytest.mark.parametrize("name", ["index", "record_index", "ward_number", "tax_ref", "lot no"])
def test_numbers_that_labels_follow_are_measurements_whatever_their_name_ends_in(name):
    values = np.random.default_rng(23).choice(90_000, N, replace=False) + 10_000
    table = pd.DataFrame({name: values, "x": RNG.normal(size=N)})
    noisy = (values > np.median(values)) ^ (np.random.default_rng(24).random(N) < 0.1)
    assert identifier_columns(table, noisy.astype(int), {}) == ()
    assert [column.name for column in identifier_columns(table, labels(), {})] == [name]


def test_row_numbers_of_a_file_that_is_sorted_by_label_are_no_measurement():
    table = pd.DataFrame({"index": np.arange(N), "x": RNG.normal(size=N)})
    assert [c.name for c in identifier_columns(table, np.sort(labels()), {})] == ["index"]


def test_a_code_whose_letters_or_order_labels_follow_is_none():
    rng = np.random.default_rng(11)
    plates = pd.DataFrame(
        {"k": [f"{a}{b} {k}" for a, b, k in signs(4, rng)], "x": rng.normal(size=N)}
    )
    assert [c.name for c in identifier_columns(plates, labels(), {})] == ["k"]
    ward = np.array([text[0] > "K" for text in plates["k"]]) ^ (rng.random(N) < 0.1)
    assert identifier_columns(plates, ward.astype(int), {}) == ()


def test_a_name_with_a_title_that_labels_follow_is_none():
    rng = np.random.default_rng(12)
    title = rng.choice(["Mr", "Mrs", "Dr", "Ms", "Rev"], N)
    people = [f"{t} {first} {last}" for t, (first, last) in zip(title, persons(rng), strict=True)]
    table = pd.DataFrame({"k": people, "x": rng.normal(size=N)})
    assert [c.name for c in identifier_columns(table, labels(), {})] == ["k"]
    survived = (title == "Mrs") ^ (rng.random(N) < 0.05)
    assert identifier_columns(table, survived.astype(int), {}) == ()


def test_names_of_places_that_a_source_has_again_stay():
    """A country in each row, of one year and of another, teaches; the same by chance does not."""
    rng = np.random.default_rng(13)
    places = [f"{first} {last}" for first in FIRST[:8] for last in LAST[:8]]
    table = pd.DataFrame({"k": places[:N], "x": rng.normal(size=N)})
    again = pd.DataFrame({"k": places, "x": rng.normal(size=64)})
    assert identifier_columns(table, labels(), {"b": again}) == ()
    other = pd.DataFrame({"k": [" ".join(pair) for pair in persons(rng)], "x": rng.normal(size=N)})
    assert [c.name for c in identifier_columns(table, labels(), {"b": other})] == ["k"]


def test_codes_that_recur_in_another_spelling_are_groups():
    here = pd.DataFrame({"id": [f"KH-{k:06d}" for k in MANY[:60]], "x": RNG.normal(size=60)})
    there = pd.DataFrame({"id": [f"kh{k}" for k in MANY], "x": RNG.normal(size=120)})
    (column,) = identifier_columns(here, labels(), {"b": there})
    assert (column.recurs, column.as_groups) == ((("b", 60),), True)


def test_numberings_of_files_are_numbered_anew():
    here = pd.DataFrame({"k": [f"scan_{k:03d}.dcm" for k in range(60)], "x": RNG.normal(size=60)})
    there = pd.DataFrame({"k": [f"scan_{k:03d}.dcm" for k in range(120)]}).assign(x=0.0)
    (column,) = identifier_columns(here, labels(), {"b": there})
    assert (column.recurs, column.as_groups) == ((("b", 60),), False)


def test_a_numbering_that_the_labels_follow_is_a_time():
    tick = pd.DataFrame({"tick": np.arange(N), "x": RNG.normal(size=N)})
    season = np.sin(np.arange(N) / 8.0) + 0.2 * RNG.normal(size=N)
    assert identifier_columns(tick, season, {}) == ()
    assert [c.name for c in identifier_columns(tick, RNG.permutation(season), {})] == ["tick"]


def test_a_column_that_repeats_in_a_source_names_no_row():
    target = pd.DataFrame({"k": RNG.permutation(N), "x": RNG.normal(size=N)})
    source = pd.DataFrame({"k": RNG.integers(0, 5, 80), "x": RNG.normal(size=80)})
    assert identifier_columns(target, labels(), {"b": source}) == ()


def test_something_is_always_left_to_learn_from():
    assert identifier_columns(pd.DataFrame({"id": np.arange(N)}), labels(), {}) == ()


@pytest.mark.parametrize(
    ("name", "strength"),
    [
        ("id", 2),
        ("sampleID", 2),
        ("Record Number", 1),
        ("grid", 0),
        ("acid", 0),
        ("", 0),
    ],
)
def test_names_say_more_or_less(name, strength):
    assert name_strength(name) == strength


def table(n, seed):
    rng = np.random.default_rng(seed)
    X = pd.DataFrame(rng.normal(size=(n, 3)), columns=list("abc"))
    return X, (X.a + rng.normal(size=n) > 0).astype(int).to_numpy()


DRAWN = {
    "slide": lambda rng: [f"biopsy-{k:04d}-HE.svs" for k in rng.permutation(9_000)[:N]],
    "car": lambda rng: [f"{a}{b} {k} {b}{a}" for a, b, k in signs(3, rng)],
    "owner": lambda rng: [" ".join(pair) for pair in persons(rng)],
}


@pytest.mark.parametrize(
    "name", ["car", *(pytest.param(n, marks=pytest.mark.slow) for n in DRAWN if n != "car")]
)
def test_texts_that_name_rows_change_no_number_of_an_audit(name):
    rng = np.random.default_rng(14)
    (X, y), (Z, z) = table(N, 2), table(N, 3)
    plain = audit(None, X, y, sources={"b": (Z, z)}, **OPTIONS)
    X, Z = X.assign(k=DRAWN[name](rng)), Z.assign(k=DRAWN[name](rng))
    named = audit(None, X, y, sources={"b": (Z, z)}, **OPTIONS)
    columns = ["arm", "score", "estimate", "verdict"]
    pd.testing.assert_frame_equal(named.to_frame()[columns], plain.to_frame()[columns])
    assert "'k' looks like" in next(f.says for f in named.findings if f.code == "TG115")


def with_ids(frame, seed):
    keys = np.random.default_rng(seed).permutation(900_000)[: len(frame)]
    return frame.assign(patient_id=[f"P{k:06d}" for k in keys])


OPTIONS = {"arms": ["b pooled"], "effort": "quick", "explain": "none"}


def test_names_of_rows_change_no_number_of_an_audit_and_are_told_first():
    (X, y), (Z, z) = table(80, 0), table(150, 1)
    plain = audit(None, X, y, sources={"b": (Z, z)}, **OPTIONS)
    named = audit(None, with_ids(X, 2), y, sources={"b": (with_ids(Z, 3), z)}, **OPTIONS)
    columns = ["arm", "score", "estimate", "low", "high", "verdict"]
    pd.testing.assert_frame_equal(named.to_frame()[columns], plain.to_frame()[columns])
    assert "patient_id" in next(f.says for f in named.findings if f.code == "TG115")
    assert "patient_id" in recommendations(named.result)[0]


def test_a_kept_name_that_costs_the_control_is_the_first_advice():
    rng = np.random.default_rng(4)
    X, y = table(80, 0)
    Z, z = table(150, 1)
    X, Z = X.assign(id=rng.permutation(80) * 1.0), Z.assign(id=rng.permutation(150) * 1.0)
    model = LogisticRegression(C=1e-4, max_iter=1000)  # unscaled: the id is all it sees
    study = audit(model, X, y, sources={"b": (Z, z)}, keep=["id"], **OPTIONS)
    finding = next(f for f in study.findings if f.code == "TG116")
    without = audit(model, X, y, sources={"b": (Z, z)}, **OPTIONS)
    scores = [s.to_frame().set_index("arm").score["control"] for s in (without, study)]
    assert finding.evidence["gain"] == pytest.approx(scores[0] - scores[1], abs=0.03)
    assert "id" in recommendations(study.result)[0]


def test_a_column_to_keep_must_be_there():
    X, y = table(40, 0)
    with pytest.raises(ConfigurationError, match="no column 'patient'"):
        make_problem(X, y, sources={"b": table(50, 1)}, keep=["patient"])


@pytest.mark.skipif(not SHARED.exists(), reason="the shared data are not here")
def test_false_alarms_on_real_tables():
    """At most one column in two hundred is taken for a name of rows (asked: <= 0.5 %)."""
    n_columns = n_alarms = 0
    rng = np.random.default_rng(5)
    for file in sorted(SHARED.glob("*/data.parquet")):
        frame = pd.read_parquet(file)
        y = frame["y"] if "y" in frame else frame.iloc[:, -1]
        frame = frame.drop(columns=[name for name in ("domain", "y") if name in frame])
        for size in (40, 150):
            rows = rng.choice(len(frame), min(size, len(frame)), replace=False)
            found = identifier_columns(frame.iloc[rows], y.to_numpy()[rows], {})
            n_columns, n_alarms = n_columns + frame.shape[1], n_alarms + len(found)
    assert n_columns > 300
    assert n_alarms <= 0.005 * n_columns


def files_of_persons(target_names, source_names):
    """Return rows of persons whose label is theirs alone; the source saw the target's again."""
    rng = np.random.default_rng(1)
    person, answer = rng.normal(size=(120, 4)), rng.integers(0, 2, 120)
    X = pd.DataFrame(person[:60] + 0.15 * rng.normal(size=(60, 4))).add_prefix("x")
    Z = pd.DataFrame(person + 0.15 * rng.normal(size=(120, 4))).add_prefix("x")
    sources = {"b": (Z.assign(patient=source_names), answer)}
    return X.assign(patient=target_names), answer[:60], sources


MANY = np.random.default_rng(2).permutation(900_000)[:120] + 100_000


@pytest.mark.parametrize(
    "names, others",
    [
        pytest.param([f"P{k}" for k in MANY[:60]], [f"P{k}" for k in MANY], marks=pytest.mark.slow),
        ([f"P{k}" for k in MANY[:60]], [f"p{k} " for k in MANY]),
        ([f"{k * 977:016x}f" for k in MANY[:60]], [f"{k * 977:016X}F" for k in MANY]),
    ],
)
def test_names_of_rows_that_recur_in_a_source_keep_its_rows_out(names, others):
    X, y, sources = files_of_persons(names, others)
    study = audit(KNeighborsClassifier(1), X, y, sources=sources, arms=["b pooled"],
                  effort="quick", explain="none")  # fmt: skip
    assert study.to_frame().set_index("arm").loc["b pooled"].verdict != "helps"
    said = {finding.code: finding.says for finding in study.findings}
    assert "recur (60 in b), more than chance explains" in said["TG115"]
    assert "60 groups are in the target and in b" in said["TG104"]


@pytest.mark.parametrize(
    "names, others",
    [
        ([f"P{k:03d}" for k in range(60)], [f"P{k:03d}" for k in range(120)]),
        (
            [f"P{k}" for k in range(20240000, 20240060)],
            [f"P{202300 + 100 * (k % 2)}{k // 2:02d}" for k in range(120)],
        ),
    ],
)
def test_numberings_of_two_files_make_no_groups(names, others):
    X, y, sources = files_of_persons(names, others)
    problem = make_problem(X, y, sources=sources, metric=None, margin=None)
    assert problem.target.groups is None
    assert [column.as_groups for column in problem.identifiers] == [False]
    assert problem.identifiers[0].recurs != ()
