"""Which field a column of a file holds, by the names that other systems give it, and by what stands in it.

The names are those of the exports of Odoo, Salesforce, HubSpot, EspoCRM, Frappe CRM and Mautic, technical ones and the
labels that people see in English and French, and plain names that people give themselves. A name that means several
things is told apart by the system, else by what stands in the column, else it is said to be unsure.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vendange.agreement.vocabulary import LEVELS, ROLES, TIERS
from vendange.sheets.cells import LANGUAGES, LOCALE, NO, YES
from vendange.sheets.column_map import FIELDS, SAID_OF_ROW, TRAITS
from vendange.sheets.countries import code_of
from vendange.sheets.signs import ADDED

SAMPLES_READ: Final = 50
MOST_WRONG: Final = 0.2  # the part of a column that may look otherwise
MOST_WRONG_NAMED: Final = 0.4  # the same of a column whose name says what it holds


@dataclass(frozen=True, slots=True)
class Recognised:
    """`columns`: field → column. `facts`: name of a fact → column. `ignored`: columns that say nothing of people.

    `unsure`: columns of `columns` and `facts` that somebody should look at. `system`: "" when it cannot be told.
    """

    system: str
    columns: Mapping[str, str]
    facts: Mapping[str, str]
    ignored: tuple[str, ...]
    unsure: tuple[str, ...]


def _table(text: str) -> dict[str, str]:
    """Folded name → field; a line is a field, then its names between bars."""
    found = {}
    for line in text.strip().splitlines():
        ours, _, names = line.partition(":")
        found.update({_plain(name): ours.strip() for name in names.split("|")})
    return found


def _plain(name: str) -> str:
    """A name of a column as it is compared: words without accents, capitals, signs.

    >>> _plain("emailAddress"), _plain("E-mail (pro.)"), _plain("Société/Entreprise"), _plain("partner_id/name")
    ('email address', 'e mail pro', 'societe entreprise', 'partner id name')
    """
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    bare = unicodedata.normalize("NFKD", apart.lower()).encode("ascii", "ignore").decode()
    return " ".join(re.sub(r"[^a-z0-9]+", " ", bare).split())


NAMES: Final = _table(
    """
    email: email|e mail|mail|courriel|email address|e mail address|adresse email|adresse e mail|adresse mail|adresse electronique|mel|email from|email normalized|email id|primary email|work email|email professionnel|e mail professionnel|email pro|adresse email principale|person email|business email|email 1
    job_title: title|titre
    first_name: first name|firstname|prenom|given name|prenom du contact|contact first name|prenoms
    last_name: last name|lastname|nom de famille|surname|family name|nom du contact|contact last name|lead last name
    name: name|nom|full name|fullname|nom complet|contact name|contact|nom et prenom|prenom et nom|nom prenom|prenom nom|lead name|nom de la piste|nom du prospect|display name|complete name|person name|nom affiche
    phone: phone|telephone|tel|phone number|numero de telephone|no de telephone|mobile phone|mobile|mobile no|mobile number|telephone portable|portable|gsm|phone mobile|business phone|work phone|telephone professionnel|telephone mobile|tel mobile|mobilephone|mobile phone number|numero de mobile|phone no|tel portable
    job_title: job title|jobtitle|function|fonction|poste|poste occupe|job position|intitule du poste|intitule de poste|titre du poste|position|job|role in company|contact title
    level: level|seniority|niveau hierarchique|niveau
    role: role|buying role|role d achat|role dans l achat
    language: language|langue|lang|preferred language|preferred locale|locale|langue preferee|langue de preference|langue du contact
    country: country|pays|country code|code pays|country id|country id code|mailing country code|address country|pays region|country region|mailing country|pays adresse|country id country code
    source: source|lead source|origine|source id|source id name|origine de la piste|provenance|original source|source d origine|original traffic source|source de la piste|utm source|hs analytics source|source du lead
    regime: regime|consumer or professional
    organisation: company|societe liee|related company|organisation|organization|societe|entreprise|company name|nom de l entreprise|nom de la societe|raison sociale|account name|account|nom du compte|compte|partner name|company account|societe compte|parent name|parent id|parent id name|associated company|entreprise associee|employeur|organization name|company id name|nom entreprise|commercial company name|account id name|nom de l organisation
    organisation_id: company id|account id|organisation id|organization id|id de l entreprise|associated company id|primary associated company id|associatedcompanyid|id du compte|identifiant de l entreprise|id societe
    domain: domain|domaine|website|site web|site internet|company domain name|company domain|nom de domaine|nom de domaine de l entreprise|companywebsite|url|site|website url|url du site web|site web de l entreprise
    registry_number: siren|siret|company registry|registry number|numero siren|numero siret|no siret|no siren|registration number|rcs|company number|vat|vat number|vat no|tva|numero tva|no tva|tva intracommunautaire|numero de tva|n tva
    organisation_country: company country|pays de l entreprise|billing country|billing country code|company country region|pays de facturation|organisation country
    employees: employees|number of employees|effectif|effectifs|employee count|no of employees|numberofemployees|num employees|nombre d employes|nombre de salaries|salaries|company size|taille de l entreprise|companynumber of employees|taille|nombre d employes de l entreprise
    industry: industry|sector|secteur|secteur d activite|industry id|companyindustry|industrie|activite
    postal_code: zip|zip code|postal code|code postal|zip postal code|postcode|zipcode|mailing zip postal code|address postal code|companyzipcode|cp|mailing postal code|billing zip postal code|mailing code postal
    city: city|ville|mailing city|address city|town|commune|companycity|localite|billing city
    parent_organisation: parent company|parent account|parent organisation|parent organization|societe mere|maison mere|entreprise mere|compte parent|headquarters
    tier: tier|target tier|target account|hs ideal customer profile|ideal customer profile tier
    external_id: external id|id externe|record id|contact id|lead id|id|id de la fiche d informations|record id contact|identifiant|reference|ref|customer id|numero client|no client|hs object id|id contact|mql id|salesforce id|identifiant externe|id de l enregistrement
    user_id: user id|login|user name|username|identifiant utilisateur|numero de compte
    consent: consent|consentement|opt in|optin|opt in email|marketing consent|accord|newsletter|accepts marketing|consent given
    consent_at: consent date|date de consentement|date du consentement|opt in date|date opt in|consented at
    do_not_email: email opt out|has opted out of email|hasoptedoutofemail|opt out|optout|do not email|is blacklisted|blacklist|liste noire|desinscrit|unsubscribed|unsubscribed from all email|unsubscribed from all emails|desabonne de tous les e mails|hs email optout|email address is opted out|ne pas envoyer d e mail|dnc email|email opted out|refus e mail|refus email|desabonne|email optout
    do_not_call: do not call|donotcall|ne pas appeler|phone number is opted out|refus telephone|opposition telephone|phone blacklisted|phone sanitized blacklisted|bloctel
    do_not_contact: do not contact|donotcontact|ne pas contacter|no contact|opposition|dnc
    deleted: is deleted|isdeleted|deleted|is archived|isarchived|archived|hs archived|hs is deleted|supprime|archive|est supprime|est archive
    """  # noqa: E501 (a table)
)
# The same, where one system means something else by a common name.
BY_SYSTEM: Final[Mapping[str, dict[str, str]]] = {
    "odoo": _table(
        """
        name: contact name
        email: email from
        organisation: partner name|parent id|parent id name|company name|related company|societe liee|societe
        job_title: function|job position|poste occupe
        active: active|actif
        -: title|civilite|company id|user id|team id|user id name|stage id|name opportunity
        """
    ),
    "salesforce": _table("job_title: title|titre|fonction\nname: name|nom\nexternal_id: id|lead id|contact id"),
    "hubspot": _table(
        """
        external_id: record id|id de la fiche d informations|hs object id|vid
        email: email
        -: title|lifecycle stage|lead status|contact owner
        """
    ),
    "espocrm": _table("name: name|nom\norganisation: account name\njob_title: title|titre\n-: salutation name"),
    "frappe": _table("external_id: id|name\nname: full name|lead name\norganisation: organization|company name"),
    "mautic": _table("job_title: position\n-: title|titre|points|owner|stage|preferred profile image\nexternal_id: id"),
}
# Columns by which an export of a system is known.
MARKS: Final[Mapping[str, frozenset[str]]] = {
    name: frozenset(map(_plain, text.split("|")))
    for name, text in {
        "odoo": "email_from|partner_name|partner_id|contact_name|team_id|user_id|function|is_company|parent_id|"
        "email_normalized|Sales Team|Salesperson|Équipe commerciale|Vendeur|Expected Revenue|Revenu espéré|"
        "Company Type|Société liée|Related Company|Poste occupé|Liste noire|N° TVA|"
        "Nom complet|type_de_societe|is_blacklisted|category_id|Is a Company",
        "salesforce": "IsConverted|LeadSource|HasOptedOutOfEmail|Company / Account|OwnerId|NumberOfEmployees|"
        "MailingCity|MailingPostalCode|Lead Owner|Account Owner|Email Opt Out|Lead Status|MailingCountry|"
        "Mailing Zip/Postal Code|AccountId|Propriétaire de la piste|Origine de la piste|SystemModstamp|Mailing City",
        "hubspot": "Record ID|hs_object_id|Lifecycle Stage|Create Date|Contact owner|Associated Company|lifecyclestage|"
        "hs_lead_status|ID de la fiche d'informations|Phase du cycle de vie|Propriétaire du contact|hs_email_optout|"
        "Unsubscribed from all email|Original Source|Associated Company IDs|Primary Associated Company ID",
        "espocrm": "emailAddress|phoneNumber|accountName|assignedUserName|createdAt|doNotCall|salutationName|"
        "addressPostalCode|opportunityAmount|assignedUserId|emailAddressIsOptedOut|accountId|createdByName",
        "frappe": "mobile_no|lead_owner|no_of_employees|email_id|lead_name|annual_revenue|naming_series|"
        "Mobile No|Lead Owner|No. of Employees|docstatus|deal_owner|territory|modified_by",
        "mautic": "companyname|date_identified|last_active|points|dateIdentified|lastActive|isPublished|"
        "companyaddress1|attribution_date|preferred_locale|companyindustry|date_added|Date Identified|Last active",
    }.items()
}
MARK_ENOUGH: Final = 2
# Nothing of a person: whose record it is over there, when it was touched, what was counted.
IGNORED: Final = re.compile(
    r"(created?|modified|updated|write|last|date|derniere?|cree|modifie|mise)"
    r" (by|date|at|on|modified|activity|active|le|par|added|identified|updated?|uid|modification|creation|activite"
    r"|touch|contacted|de creation|de modification|a jour)\b.*"
    r"|(owner|proprietaire|salesperson|vendeur|team|equipe|assigned|user id|stage|status|statut|etat|priority|priorite"
    r"|points|lifecycle|phase|probability|probabilite|active|image|avatar|photo|color|is converted|is deleted|docstatus"
    r"|salutation|civilite|tags?|etiquettes?|score|naming series)\b.*"
    r"|.* (owner|proprietaire|proprietaire id|owner id)"
)
EMAIL: Final = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[a-zA-Z]{2,}")
PHONE: Final = re.compile(r"\+?[\d\s().\-/\u00a0\u202f]{6,24}( ?(x|ext\.?|poste) ?\d+)?")
HOST: Final = re.compile(r"(https?://)?([\w-]+\.)+[a-z]{2,}(/\S*)?", re.IGNORECASE)
SHAPES: Final[Mapping[str, re.Pattern[str]]] = {
    "email": EMAIL,
    **dict.fromkeys(("name", "first_name", "last_name", "organisation", "job_title"), re.compile(r"[^@]+")),
    "phone": PHONE,
    "domain": HOST,
    "postal_code": re.compile(r"[A-Za-z0-9][A-Za-z0-9 \-]{1,11}"),
    "employees": re.compile(r"\d[\d\s.,\u00a0\u202f]*(\+|\s*(-|–|à|to)\s*\d[\d\s.,]*)?"),
    "registry_number": re.compile(r"[\dA-Z][\dA-Z .\-/]{4,29}"),
}
CLOSED: Final[Mapping[str, tuple[str, ...]]] = {
    "level": LEVELS,
    "role": ROLES,
    "tier": TIERS,
    "regime": ("consumer", "professional", "unknown"),
}
GONE: Final = ("deleted", "active")  # whether a record is still there: nobody doubts what yes and no say there
# How a letter begins, which some systems call a title.
SALUTATIONS: Final = frozenset(
    {"m", "mr", "mrs", "ms", "mme", "mlle", "dr", "miss", "monsieur", "madame", "prof", "me"}
)


def recognise(header: Sequence[str], samples: Sequence[Sequence[str]] = ()) -> Recognised:
    """What each column most probably holds. `samples`: the first rows; each field is given to one column."""
    system = system_of(header)
    plain = [_plain(name) for name in header]
    columns: dict[str, str] = {}
    facts: dict[str, str] = {}
    ignored, unsure = [], []
    inside = [_cells(samples, place) for place in range(len(header))]
    for place in sorted(range(len(header)), key=lambda place: not inside[place]):  # what is empty takes what is left
        name, cells = header[place], inside[place]
        said = BY_SYSTEM.get(system, {}).get(plain[place]) or NAMES.get(plain[place], "")
        said = _apart(said, plain[place], plain, cells)
        if (
            name in ADDED
            or said == "-"
            or (not said and IGNORED.fullmatch(plain[place]))
            or (samples and not cells and not said)
        ):
            ignored.append(name)
            continue
        field, doubtful = _judged(said, cells)
        if field and field not in columns:
            columns[field] = name
        elif fact := _fact_name(plain[place], facts):
            facts[fact], doubtful = name, bool(said)
        else:
            ignored.append(name)
            continue
        unsure += [name] * doubtful
    return Recognised(system, columns, facts, tuple(ignored), tuple(unsure))


def system_of(header: Sequence[str]) -> str:
    """The system that wrote this line of names; "" when too little speaks for one.

    >>> system_of(["email_from", "partner_name", "contact_name"]), system_of(["E-mail", "Nom"])
    ('odoo', '')
    """
    plain = {_plain(name) for name in header}
    claims = {name: len(marks & plain) for name, marks in MARKS.items()}
    best = max(claims, key=lambda name: claims[name])
    alone = list(claims.values()).count(claims[best]) == 1
    return best if claims[best] >= MARK_ENOUGH and alone else ""


def _cells(samples: Sequence[Sequence[str]], place: int) -> list[str]:
    found = (row[place].strip() for row in samples[:SAMPLES_READ] if place < len(row))
    return [cell for cell in found if cell]


def _apart(field: str, plain: str, header: Sequence[str], cells: Sequence[str]) -> str:
    """Names that mean several things: a name beside first names is the last name, and says nothing beside both."""
    known = {NAMES.get(one, "") for one in header}
    if field == "name" and "first_name" in known:
        return "-" if "last_name" in known else "last_name"
    if field == "job_title" and plain in ("title", "titre") and _mostly(_is_salutation, cells):
        return "-"
    return "" if field == "name" and plain == "name" and "contact name" in header else field


def _is_salutation(cell: str) -> bool:
    return _plain(cell) in SALUTATIONS


def _is_yes_or_no(cell: str) -> bool:
    return cell.lower() in YES | NO


def _judged(field: str, cells: Sequence[str]) -> tuple[str, bool]:
    """The field after a look at what stands in the column, and whether somebody should look too."""
    if not field:
        return ("email", True) if _mostly(EMAIL.fullmatch, cells) else ("", False)
    if field in GONE:
        return (field, False) if not cells or _mostly(_is_yes_or_no, cells) else ("", True)
    if cells and not _mostly(_fits(field), cells, MOST_WRONG_NAMED):
        return ("email", True) if _mostly(EMAIL.fullmatch, cells) else ("", True)
    return field, field in SAID_OF_ROW


def _fits(field: str) -> Callable[[str], object]:
    if field in SHAPES:
        return SHAPES[field].fullmatch
    if field in CLOSED:
        return lambda cell: cell.lower() in CLOSED[field]
    if field in ("country", "organisation_country"):
        return code_of
    if field == "language":
        return lambda cell: cell.lower() in LANGUAGES or LOCALE.fullmatch(cell) or len(cell) in (2, 3)
    longest = TRAITS.get(field, 255)
    return lambda cell: len(cell) <= longest


def _mostly(fits: Callable[[str], object], cells: Sequence[str], most_wrong: float = MOST_WRONG) -> bool:
    return bool(cells) and sum(not fits(cell) for cell in cells) <= len(cells) * most_wrong


def _fact_name(plain: str, taken: Mapping[str, str]) -> str:
    """A name for a fact, as maps may give it; "" when nothing can be made of it."""
    made = re.sub(r"^[^a-z]+", "", plain).replace(" ", "_")[:50].strip("_")
    made = f"{made}_said" if made in FIELDS["people"] else made
    return "" if made in taken else made
