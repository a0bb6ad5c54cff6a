"""Countries by their ISO 3166-1 code, in English and French, as forms name them."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Final

from vendange.engine.plain_text import folded

LANGUAGES: Final = ("en", "fr")
NAMES: Final = """
AD Andorra|Andorre
AE United Arab Emirates|Émirats arabes unis
AF Afghanistan|Afghanistan
AG Antigua and Barbuda|Antigua-et-Barbuda
AI Anguilla|Anguilla
AL Albania|Albanie
AM Armenia|Arménie
AN Netherlands Antilles|Antilles Néerlandaises
AO Angola|Angola
AQ Antarctica|Antarctique
AR Argentina|Argentine
AS American Samoa|Samoa américaines
AT Austria|Autriche
AU Australia|Australie
AW Aruba|Aruba
AX Åland Islands|Îles Åland
AZ Azerbaijan|Azerbaïdjan
BA Bosnia and Herzegovina|Bosnie-Herzégovine
BB Barbados|Barbade
BD Bangladesh|Bangladesh
BE Belgium|Belgique
BF Burkina Faso|Burkina Faso
BG Bulgaria|Bulgarie
BH Bahrain|Bahreïn
BI Burundi|Burundi
BJ Benin|Benin
BL Saint Barthélemy|Saint-Barthélemy
BM Bermuda|Bermudes
BN Brunei|Brunei
BO Bolivia|Bolivie
BQ Bonaire, Sint Eustatius and Saba|Bonaire, Saint-Eustache et Saba
BR Brazil|Brésil
BS Bahamas|Bahamas
BT Bhutan|Bhoutan
BV Bouvet Island|Île Bouvet
BW Botswana|Botswana
BY Belarus|Biélo-Russie
BZ Belize|Bélize
CA Canada|Canada
CC Cocos Islands|Îles Cocos
CD The Democratic Republic Of Congo|République démocratique du Congo
CF Central African Republic|République centrafricaine
CG Congo|Congo
CH Switzerland|Suisse
CI Côte d’Ivoire|Côte d’Ivoire
CK Cook Islands|Îles Cook
CL Chile|Chili
CM Cameroon|Cameroun
CN China|Chine
CO Colombia|Colombie
CR Costa Rica|Costa Rica
CU Cuba|Cuba
CV Cape Verde|Cap-Vert
CW Curaçao|Curaçao
CX Christmas Island|Île Christmas
CY Cyprus|Chypre
CZ Czechia|Tchéquie
DE Germany|Allemagne
DJ Djibouti|Djibouti
DK Denmark|Danemark
DM Dominica|Dominique
DO Dominican Republic|République dominicaine
DZ Algeria|Algérie
EC Ecuador|Équateur
EE Estonia|Estonie
EG Egypt|Égypte
EH Western Sahara|Sahara occidental
ER Eritrea|Érythrée
ES Spain|Espagne
ET Ethiopia|Éthiopie
FI Finland|Finlande
FJ Fiji|Fidji
FK Falkland Islands|Îles Malouines
FM Micronesia|Micronésie
FO Faroe Islands|Îles Féroé
FR France|France
GA Gabon|Gabon
GB United Kingdom|Royaume-Uni
GD Grenada|Grenade
GE Georgia|Géorgie
GF French Guiana|Guyane française
GG Guernsey|Guernesey
GH Ghana|Ghana
GI Gibraltar|Gibraltar
GL Greenland|Groenland
GM Gambia|Gambie
GN Guinea|Guinée
GP Guadeloupe|Guadeloupe
GQ Equatorial Guinea|Guinée Equatoriale
GR Greece|Grèce
GS South Georgia And The South Sandwich Islands|Géorgie du Sud et îles Sandwich du Sud
GT Guatemala|Guatemala
GU Guam|Guam
GW Guinea-Bissau|Guinée-Bissau
GY Guyana|Guyana
HK Hong Kong|Hong-Kong
HM Heard Island And McDonald Islands|Île Heard et îles McDonald
HN Honduras|Honduras
HR Croatia|Croatie
HT Haiti|Haïti
HU Hungary|Hongrie
ID Indonesia|Indonésie
IE Ireland|Irlande
IL Israel|Israël
IM Isle Of Man|Île de Man
IN India|Inde
IO British Indian Ocean Territory|Territoires britanniques de l’océan Indien
IQ Iraq|Irak
IR Iran|Iran
IS Iceland|Islande
IT Italy|Italie
JE Jersey|Jersey
JM Jamaica|Jamaïque
JO Jordan|Jordanie
JP Japan|Japon
KE Kenya|Kenya
KG Kyrgyzstan|Kyrgyzstan
KH Cambodia|Cambodge
KI Kiribati|Kiribati
KM Comoros|Comores
KN Saint Kitts And Nevis|Saint-Christophe-et-Niévès
KP North Korea|Corée du Nord
KR South Korea|Corée du Sud
KW Kuwait|Koweit
KY Cayman Islands|Îles Caïmans
KZ Kazakhstan|Kazakhstan
LA Laos|Laos
LB Lebanon|Liban
LC Saint Lucia|Sainte-Lucie
LI Liechtenstein|Liechtenstein
LK Sri Lanka|Sri Lanka
LR Liberia|Liberia
LS Lesotho|Lesotho
LT Lithuania|Lithuanie
LU Luxembourg|Luxembourg
LV Latvia|Lettonie
LY Libya|Libye
MA Morocco|Maroc
MC Monaco|Monaco
MD Moldova|Moldavie
ME Montenegro|Monténégro
MF Saint Martin|Saint-Martin
MG Madagascar|Madagascar
MH Marshall Islands|Îles Marshall
MK North Macedonia|Macédoine du Nord
ML Mali|Mali
MM Myanmar|Myanmar
MN Mongolia|Mongolie
MO Macao|Macao
MP Northern Mariana Islands|Îles Mariannes du Nord
MQ Martinique|Martinique
MR Mauritania|Mauritanie
MS Montserrat|Montserrat
MT Malta|Malte
MU Mauritius|Maurice
MV Maldives|Maldives
MW Malawi|Malawi
MX Mexico|Mexique
MY Malaysia|Malaisie
MZ Mozambique|Mozambique
NA Namibia|Namibie
NC New Caledonia|Nouvelle-Calédonie
NE Niger|Niger
NF Norfolk Island|Île Norfolk
NG Nigeria|Nigéria
NI Nicaragua|Nicaragua
NL Netherlands|Pays-Bas
NO Norway|Norvège
NP Nepal|Népal
NR Nauru|Nauru
NU Niue|Niue
NZ New Zealand|Nouvelle-Zélande
OM Oman|Oman
PA Panama|Panama
PE Peru|Pérou
PF French Polynesia|Polynésie Française
PG Papua New Guinea|Papouasie-Nouvelle-Guinée
PH Philippines|Philippines
PK Pakistan|Pakistan
PL Poland|Pologne
PM Saint Pierre And Miquelon|Saint-Pierre-et-Miquelon
PN Pitcairn|Pitcairn
PR Puerto Rico|Porto Rico
PS Palestine|Palestine
PT Portugal|Portugal
PW Palau|Belau
PY Paraguay|Paraguay
QA Qatar|Qatar
RE Reunion|La Réunion
RO Romania|Roumanie
RS Serbia|Serbie
RU Russia|Russie
RW Rwanda|Rwanda
SA Saudi Arabia|Arabie Saoudite
SB Solomon Islands|Îles Salomon
SC Seychelles|Seychelles
SD Sudan|Soudan
SE Sweden|Suède
SG Singapore|Singapour
SH Saint Helena|Sainte-Hélène
SI Slovenia|Slovénie
SJ Svalbard And Jan Mayen|Svalbard et Jan Mayen
SK Slovakia|Slovaquie
SL Sierra Leone|Sierra Leone
SM San Marino|Saint-Marin
SN Senegal|Sénégal
SO Somalia|Somalie
SR Suriname|Suriname
SS South Sudan|Soudan du Sud
ST Sao Tome And Principe|Sao Tomé et Principe
SV El Salvador|El Salvador
SX Sint Maarten (Dutch part)|Saint-Martin (partie néerlandaise)
SY Syria|Syrie
SZ Eswatini|Eswatini
TC Turks And Caicos Islands|Îles Turks et Caicos
TD Chad|Tchad
TF French Southern Territories|Terres australes françaises
TG Togo|Togo
TH Thailand|Thaïlande
TJ Tajikistan|Tadjikistan
TK Tokelau|Tokelau
TL Timor-Leste|Timor-Leste
TM Turkmenistan|Turkménistan
TN Tunisia|Tunisie
TO Tonga|Tonga
TR Turkey|Turquie
TT Trinidad and Tobago|Trinité-et-Tobago
TV Tuvalu|Tuvalu
TW Taiwan|Taiwan
TZ Tanzania|Tanzanie
UA Ukraine|Ukraine
UG Uganda|Ouganda
UM United States Minor Outlying Islands|Dépendances américaines du Pacifique
US United States|États-Unis
UY Uruguay|Uruguay
UZ Uzbekistan|Ouzbékistan
VA Vatican|Vatican
VC Saint Vincent And The Grenadines|Saint-Vincent-et-les Grenadines
VE Venezuela|Vénézuela
VG British Virgin Islands|Îles Vierges Britanniques
VI U.S. Virgin Islands|Îles Vierges Américaines
VN Vietnam|Vietnam
VU Vanuatu|Vanuatu
WF Wallis And Futuna|Wallis-et-Futuna
WS Samoa|Samoa
YE Yemen|Yémen
YT Mayotte|Mayotte
ZA South Africa|Afrique du Sud
ZM Zambia|Zambie
ZW Zimbabwe|Zimbabwe
"""


@cache
def countries(language: str) -> tuple[tuple[str, str], ...]:
    """ISO code and name of each country, by name; in English where we have no other."""
    place = LANGUAGES.index(language) if language in LANGUAGES else 0
    found = [(line[:2], line[3:].split("|")[place]) for line in NAMES.strip().splitlines()]
    return tuple(sorted(found, key=lambda one: folded(one[1])))


# What people write of whom we know only the official name.
ALSO: Final[Mapping[str, str]] = {
    "usa": "US",
    "u s a": "US",
    "united states of america": "US",
    "etats unis d amerique": "US",
    "uk": "GB",
    "u k": "GB",
    "great britain": "GB",
    "grande bretagne": "GB",
    "england": "GB",
    "angleterre": "GB",
    "holland": "NL",
    "hollande": "NL",
    "czech republic": "CZ",
    "republique tcheque": "CZ",
}


def code_of(written: str) -> str:
    """The ISO code of a country that is written as its code or by its name; "" when it is none.

    >>> code_of("France"), code_of("allemagne"), code_of("be"), code_of("Cote d’Ivoire"), code_of("XX")
    ('FR', 'DE', 'BE', 'CI', '')
    """
    return _codes().get(_plain(written), "")


@cache
def _codes() -> Mapping[str, str]:
    named = [(name, code) for language in LANGUAGES for code, name in countries(language)]
    coded = [(code, code) for code, _ in countries("en")]
    return {**ALSO, **{_plain(name): code for name, code in [*named, *coded]}}


def _plain(written: str) -> str:
    return " ".join(re.findall(r"[a-z0-9]+", folded(written)))
