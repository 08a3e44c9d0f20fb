"""Words in names of columns: of identifiers, rows, measurements, places.

Words are folded: small letters without accents, as :func:`column_names.words_of` gives them.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# "This names a row", wherever it stands in a name.
IDENTIFIERS = _words(
    "id ids uid uuid guid pk mrn ssn rowid rowname rownames accession recordid caseid uniqueid uhid"
    " identifier identifiant identifikator identificador identificativo identificatie identyfikator"
    " ид идентификатор معرف"
)
# Row numbers alone or behind what rows are, as in "record index"; "price index" is a measurement.
INDEXES = _words("index idx")
# "This may number rows".
NUMBERS = _words("no nr num number nbr nro numer numero numeroa nummer cislo номер رقم شماره क्रमांक")
# The same, but never a count of things.
CODES = _words(
    "key rec record row serial case ref reference code codigo codice cod kod clave folio expediente"
    " prontuario legajo sygnatura kennung kennzeichen aktenzeichen chart nss seq seqn seqno seqnum"
    " код fid pid sid tid uid eid cid gid oid nid qid rid"
)
# First words that do, with what rows are behind them or not.
FIRST_CODES = _words("record row serial номер код رقم شماره")
# What rows are, in English, and short: also in one word with "id" or "no" behind.
ROWS = _words(
    "pat patient subj subject part participant resp respondent person pers people cust customer"
    " client member user usr emp employee student stud pupil donor applicant beneficiary bene"
    " provider doctor physician hosp hospital household hh family animal tree study case rec record"
    " row obj object acct account order ord invoice transaction trans txn tx ticket session visit"
    " encounter enc admission hadm stay icustay episode event sample specimen tube image img scan"
    " file doc document item product prod article device sensor parcel loan app application claim"
    " policy contract listing house property job task trial exp experiment tweet video post entry"
    " global chart receipt booking"
    " patienten personen kunden fall teilnehmer mitarbeiter probanden kd auftrags rechnungs"
)
# Words of columns whose values are names of rows, or of what stands for them: persons, numbers that
# offices give out, and things of which each has one.
NAMED = _words(
    "name filename username surname lastname fullname person author user login pseudonym"
    " patient subject subj participant respondent student pupil employee customer client member"
    " proband teilnehmer kunde schueler schuler mitarbeiter patienten paciente cliente alumno aluno"
    " empleado usuario eleve adherent paziente studente pacjent pacjenta pasien hasta klient"
    " пациент пациента клиент клиента студент студента сотрудник сотрудника"
    " 患者 客户 顧客 学生 用户 환자 고객"
    " file path image scan sample specimen plate license licence iban vin registration imei barcode"
    " account acct konto ticket token session cookie hash tweet video phone telephone telefon fax"
    " telefono телефон isbn issn ean upc gtin imsi iccid sku asin doi orcid npi tracking passport"
    " ssn nino nif dni cpf cnpj rut rfc curp bsn pesel siret снилс инн cedula dossier matricule"
    " matricula strichcode штрихкод invoice rechnung policy contract vertrag"
)
# What is measured or counted: whole numbers under these are no names of rows, however many differ.
MEASURED = _words(
    "age year years month months week weeks day days hour hours minute minutes second seconds time"
    " date datetime timestamp epoch ts step steps period duration latency rank score size count"
    " counts length width height depth weight mass dose distance area volume temperature speed"
    " pressure level intensity concentration frequency rate ratio share percent percentile"
    " position cycle cycles rings marks grade iq"
    " price cost costs amount amounts income salary wage wages revenue turnover profit sales spend"
    " spending expense expenses budget debt balance premium fee fees gdp kcal calories value"
    " values total sum mean avg average median min max std calls clicks views reads tweets"
    # "Copy number", "wave number": measurements that have "number" in their names.
    " copy wave wavenumber reynolds mach prandtl nusselt atomic octane cetane iodine mass quantum"
    " platelet platelets cell cells"
    # German, French, Spanish, Portuguese, Italian, Dutch.
    " alter dauer gewicht hohe lange preis kosten betrag umsatz wert menge anzahl dosis datum zeit"
    " duree poids taille prix cout montant valeur taux quantite"
    " edad duracion peso precio costo coste importe monto valor tasa cantidad ingreso ingresos"
    " fecha preco custo renda idade quantidade durata prezzo reddito valore tasso leeftijd prijs"
)
# First words, and words before what rows are, by which they are counted: "n_customer".
COUNTING = _words("n nb count total sum mean avg min max anzahl nombre cantidad quantidade aantal")
# Between an amount and its unit: "cost per patient".
PER = _words("per pro por par je")
# Between a noun and whose it is: "weight of patient".
OF = _words("of de des der du del di da do von van")
# Where something is: codes of places look like names of rows and are none.
PLACES = _words(
    "post postal postcode zip zipcode plz address street city region geohash postleitzahl"
    " hausnummer hausnr postnummer postnr huisnummer huisnr husnummer husnr"
)
# What new rows share with old ones, so that a model may learn what is special to each.
RECURRING = _words(
    "hosp hospital site ward clinic school class product prod article item device sensor store shop"
    " provider doctor physician study trial task city region country"
)
