"""The two letters of a country, from its name in English or French, or from its three letters."""

import unicodedata
from typing import Final

NAMES: Final = """
AE united arab emirates|emirats arabes unis|uae|are
AR argentina|argentine|arg
AT austria|autriche|osterreich|aut
AU australia|australie|aus
BE belgium|belgique|belgie|bel
BG bulgaria|bulgarie|bgr
BJ benin|ben
BR brazil|bresil|brasil|bra
CA canada|can
CD democratic republic of the congo|republique democratique du congo|cod
CG congo|cog
CH switzerland|suisse|schweiz|che
CI ivory coast|cote d ivoire|civ
CL chile|chili|chl
CM cameroon|cameroun|cmr
CN china|chine|chn
CO colombia|colombie|col
CY cyprus|chypre|cyp
CZ czech republic|czechia|tchequie|republique tcheque|cze
DE germany|allemagne|deutschland|deu
DK denmark|danemark|dnk
DZ algeria|algerie|dza
EE estonia|estonie|est
EG egypt|egypte|egy
ES spain|espagne|espana|esp
FI finland|finlande|fin
FR france|fra|france metropolitaine
GA gabon|gab
GB united kingdom|royaume uni|great britain|grande bretagne|england|angleterre|uk|gbr
GF french guiana|guyane|guyane francaise|guf
GP guadeloupe|glp
GR greece|grece|grc
HK hong kong|hkg
HR croatia|croatie|hrv
HU hungary|hongrie|hun
ID indonesia|indonesie|idn
IE ireland|irlande|irl
IL israel|isr
IN india|inde|ind
IS iceland|islande|isl
IT italy|italie|italia|ita
JP japan|japon|jpn
KE kenya|ken
KR south korea|coree du sud|republic of korea|kor
LB lebanon|liban|lbn
LI liechtenstein|lie
LT lithuania|lituanie|ltu
LU luxembourg|luxemburg|lux
LV latvia|lettonie|lva
MA morocco|maroc|mar
MC monaco|mco
MG madagascar|mdg
MQ martinique|mtq
MT malta|malte|mlt
MU mauritius|maurice|ile maurice|mus
MX mexico|mexique|mex
MY malaysia|malaisie|mys
NC new caledonia|nouvelle caledonie|ncl
NG nigeria|nga
NL netherlands|pays bas|the netherlands|holland|nld
NO norway|norvege|nor
NZ new zealand|nouvelle zelande|nzl
PE peru|perou|per
PF french polynesia|polynesie francaise|pyf
PH philippines|phl
PL poland|pologne|polska|pol
PT portugal|prt
QA qatar|qat
RE reunion|la reunion|reu
RO romania|roumanie|rou
RS serbia|serbie|srb
RU russia|russie|russian federation|rus
SA saudi arabia|arabie saoudite|sau
SE sweden|suede|swe
SG singapore|singapour|sgp
SI slovenia|slovenie|svn
SK slovakia|slovaquie|svk
SN senegal|sen
TG togo|tgo
TH thailand|thailande|tha
TN tunisia|tunisie|tun
TR turkey|turquie|turkiye|tur
TW taiwan|twn
UA ukraine|ukr
US united states|etats unis|united states of america|etats unis d amerique|usa
VN vietnam|viet nam|vnm
YT mayotte|myt
ZA south africa|afrique du sud|zaf
"""
CODES: Final = {name: line[:2] for line in NAMES.strip().splitlines() for name in line[3:].split("|")}
KNOWN: Final = frozenset(CODES.values())


def code_of(text: str) -> str:
    """Two letters stay as they are, in capitals; "" for a name that we do not know.

    >>> code_of("Côte d’Ivoire"), code_of("fr"), code_of("Deutschland"), code_of("Ruritania"), code_of("UK")
    ('CI', 'FR', 'DE', '', 'GB')
    """
    bare = unicodedata.normalize("NFKD", text.lower().replace("’", " ")).encode("ascii", "ignore")
    words = "".join(sign if sign.isalnum() else " " for sign in bare.decode()).split()
    plain = " ".join(words)
    if plain in CODES:
        return CODES[plain]
    return plain.upper() if len(plain) == 2 and plain.isalpha() else ""
