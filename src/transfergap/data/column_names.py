"""Names of columns: of identifiers, measurements, places."""

from __future__ import annotations

import re
import unicodedata

# Last words of names that say "this names a row"; the weaker ones need more evidence.
_NAMES = re.compile(
    r"^(ids?|uid|uuid|guid|pk|mrn|ssn|rowid|index|idx|accession|recordid|caseid|ид|идентификатор"
    r"|معرف)$"
)
_WEAK_NAMES = re.compile(
    r"^(key|nr|no|num|nbr|nro|number|rec|record|row|serial|case|ref|reference|code|[pstuecgonq]id"
    r"|num[eé]ro|número|номер|код|رقم|شماره|क्रमांक|kennung|kennzeichen|aktenzeichen|číslo)$"
)
# First words of the same kind: "номер пациента". "Number" is none, as in "number of rooms".
_FIRST_WORDS = frozenset({"record", "row", "serial", "номер", "код", "رقم", "شماره"})
# Ends of one word: German, Dutch and Scandinavian compounds; Chinese, Japanese and Korean names
# have no blanks.
_WEAK_ENDS = re.compile(
    r"(nummer|nr|number|编号|編號|编码|序号|序號|号码|號碼|[学學证證卡单單账帳]号|番号|番號|번호|아이디)$"
)
# What rows are, in front of "id" or "no" in one word: "humid" and "acid" have no such stem.
_STEMS = (
    "pat|patient|subj|subject|part|participant|respondent|person|pers|people|cust|customer|client"
    "|member|user|usr|emp|employee|student|stud|pupil|donor|applicant|beneficiary|bene|provider"
    "|doctor|physician|hosp|hospital|household|hh|family|animal|tree|study|case|rec|record|row|obj"
    "|object|acct|account|order|ord|invoice|transaction|trans|txn|tx|ticket|session|visit|encounter"
    "|enc|admission|hadm|stay|icustay|episode|event|sample|specimen|tube|image|img|scan|file|doc"
    "|document|item|product|prod|article|device|sensor|parcel|loan|app|application|claim|policy"
    "|contract|listing|house|property|job|task|trial|exp|experiment|tweet|video|post|entry|global"
)
_COMPOUND = re.compile(rf"^({_STEMS})(?P<end>ids?|uid|no|nr|num|nbr|code|key|idx)$")
# Words for what is measured or counted: whole numbers under them are no numbering of rows.
_MEASURED = re.compile(
    r"^(age|years?|months?|weeks?|days?|hours?|minutes?|seconds?|time|date|step|period|rank|score"
    r"|size|count|length|width|height|weight|dose|price|amount|income|value|temperature|distance"
    r"|timestamp|datetime|epoch|ts)$"
)
# Words for where something is: their codes look like names of rows and are none.
_PLACES = re.compile(
    r"^(post|postal|postcode|zip|zipcode|plz|address|street|city|region|geohash|postleitzahl"
    r"|(haus|post|huis|hus)(nummer|nr))$"
)
# Last words of names of columns whose values are names, of rows or what stands for them: persons,
# numbers that offices give out, and things of which each has one.
_NAMING = re.compile(
    r"(^| )((file|user|sur|last|first|full|nick)? ?name|file|path|image|scan|plate|licen[cs]e|iban"
    r"|vin|filename|registration|imei|barcode|login|username|surname|lastname|fullname|person|patient"
    r"|subject|subj|participant|respondent|student|pupil|employee|customer|client|member|author|user"
    r"|proband|teilnehmer|kunde|sch[uü]e?ler|mitarbeiter|paciente|cliente|alumno|aluno|empleado"
    r"|usuario|élève|eleve|adhérent|adherent|paziente|studente|пациент|клиент|студент|сотрудник"
    r"|患者|客户|顧客|学生|用户|환자|고객"
    r"|account|acct|konto|ticket|token|session|cookie|hash|tweet|video|phone|telephone|telefon|fax"
    r"|téléphone|teléfono|телефон|isbn|issn|ean|upc|gtin|imsi|iccid|sku|asin|doi|orcid|npi|tracking"
    r"|passport|ssn|nino|nif|dni|cpf|cnpj|rut|rfc|curp|bsn|pesel|siret|снилс|инн|c[eé]dula|dossier"
    r"|matricule|matr[ií]cula|strichcode|штрихкод|invoice|rechnung|policy|contract|vertrag)$"
)
# First words by which a name in the end is counted, not said: "n_customer".
_COUNTED = frozenset(
    {"n", "nb", "count", "total", "sum", "mean", "avg", "min", "max", "anzahl", "cantidad", "per"}
)
_UNNAMED = re.compile(r"^(unnamed[:_ ]*\d+|level_\d+|index|)$", re.IGNORECASE)


def name_strength(name: str) -> int:
    """Grade a column name: 2 identifier, 1 perhaps, 0 unknown, -1 unlikely.

    Examples
    --------
    >>> [name_strength(n) for n in ("patientId", "Unnamed: 0", "record_no", "humid", "age")]
    [2, 2, 1, 0, -1]
    >>> [name_strength(n) for n in ("kundennummer", "studyid", "номер", "患者编号", "no. of ids")]
    [1, 2, 1, 1, -1]
    """
    if not name:
        return 0
    if _UNNAMED.match(name.strip()):
        return 2
    words = _words(name)
    if not words:
        return 0
    if words[1:2] == ["of"] and words[0] in ("number", "no", "num", "n", "count"):
        return -1
    compound = _COMPOUND.match(words[-1])
    is_id = compound is not None and compound["end"] in ("id", "ids", "uid")
    if _NAMES.match(words[-1]) or is_id or words[0] in ("id", "uuid", "guid"):
        return 2
    if _MEASURED.match(words[-1]) or any(_PLACES.match(word) for word in words):
        return -1
    weak = _WEAK_NAMES.match(words[-1]) or _WEAK_ENDS.search(words[-1]) or compound
    return 1 if weak or words[0] in _FIRST_WORDS else 0


def says_name(name: str) -> bool:
    """Return whether a column name says that its values are names.

    Examples
    --------
    >>> [says_name(name) for name in ("fileName", "license_plate", "iban", "profile", "note")]
    [True, True, True, False, False]
    """
    words = _words(name)
    return bool(words and words[0] not in _COUNTED and _NAMING.search(" ".join(words)))


def _words(name: str) -> list[str]:
    name = unicodedata.normalize("NFKC", name.strip())  # № is "No", and é one letter
    apart = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    return [word.casefold() for word in re.split(r"[\W\d_]+", apart) if word]
