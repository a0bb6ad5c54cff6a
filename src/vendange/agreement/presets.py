"""Four businesses to start from: the answers of `examples/agreements/`, and what of them no question is asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vendange.agreement.label import Label
from vendange.agreement.promises import RETURNS, WEEKDAYS
from vendange.agreement.starting import Answers, Aside, Asked, ChosenAct, Named, Reason, Weighed
from vendange.agreement.terms import Span

STANDARD: Final = tuple(Reason(one.id, one.label, one.effect, one.after_days) for one in RETURNS)


def office(*periods: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Monday to Friday."""
    return tuple((day, periods) for day in WEEKDAYS[:5])


COMPLEX_SALE: Final = Answers(
    preset="complex-sale",
    name="Complex sale",
    lead_types=(
        Named("project", Label("Project in sight", "Projet en vue")),
        Named("quote", Label("Quote to convert", "Devis à transformer")),
        Named("repurchase", Label("Customer who renews", "Client qui renouvelle")),
    ),
    sectors=("C24", "C25", "C28", "C29", "C30", "25.62", "30.30"),
    smallest=50,
    largest=5000,
    countries=("FR", "BE", "CH", "LU"),
    level="manager",
    aside=("student",),
    aside_sectors=(Aside("competitor", Label("Competitor", "Concurrent"), ("28.4",)),),
    acts=(
        ChosenAct("quote", Label("Asks for a quote", "Demande un devis"), ("quote_requested",), "quote"),
        ChosenAct(
            "demo", Label("Asks for a demonstration", "Demande une démonstration"), ("demo_requested",), "project"
        ),
        ChosenAct("callback", Label("Wants to be called", "Veut être rappelé"), ("callback_requested",), "project"),
        ChosenAct(
            "configuration",
            Label("Saves the configuration of a machine", "Enregistre la configuration d'une machine"),
            ("configuration_saved",),
            "quote",
        ),
    ),
    scored=True,
    weighed=(
        Weighed("page_viewed", Label("Views pages", "Consulte des pages"), "few"),
        Weighed("content_downloaded", Label("Downloads a paper", "Télécharge un livre blanc"), "few"),
        Weighed("video_watched", Label("Watches a film", "Regarde un film"), "few"),
        Weighed("email_clicked", Label("Clicks in an e-mail", "Clique dans un e-mail"), "few"),
        Weighed("email_replied", Label("Replies to an e-mail", "Répond à un e-mail"), "some"),
        Weighed("webinar_attended", Label("Attends a webinar", "Assiste à un webinaire"), "some"),
        Weighed("booth_visited", Label("Comes to our booth", "Vient sur notre stand"), "much"),
        Weighed(
            "partner_conversation", Label("A partner spoke of a project", "Un partenaire évoque un projet"), "much"
        ),
        Weighed("sample_requested", Label("Asks for a sample part", "Demande une pièce d'essai"), "much"),
    ),
    traits=(("level", "much"), ("sectors", "some"), ("size", "some"), ("countries", "few")),
    judge_within=Span(1, "working_hours"),
    minutes_per_lead=12,
    minutes_per_week=1200,
    criteria=(
        Asked(
            "problem",
            Label("A problem that is stated", "Un problème énoncé"),
            "sales",
            Label("What does not work today?", "Qu'est-ce qui ne va pas aujourd'hui ?"),
        ),
        Asked(
            "authority",
            Label("Someone who can commit a budget", "Un interlocuteur qui peut engager un budget"),
            "sales",
            Label("Who else decides?", "Qui d'autre décide ?"),
        ),
        Asked(
            "horizon",
            Label("A project within twelve months", "Un projet à moins de douze mois"),
            "sales",
            Label("By when should it run?", "Pour quand doit-elle tourner ?"),
        ),
        Asked(
            "topic",
            Label("A need that our machines cover", "Un besoin que nos machines couvrent"),
            "marketing",
            Label("Which parts and which material?", "Quelles pièces et quelle matière ?"),
        ),
        Asked(
            "financing",
            Label("A way to pay for it", "Un mode de financement"),
            "sales",
            Label("Purchase, leasing or aid?", "Achat, crédit-bail ou aide ?"),
        ),
    ),
    returns=STANDARD,
    accept=Span(4, "working_hours"),
    call=Span(24, "hours"),
    reassign=Span(48, "hours"),
    report=Span(5, "working_days"),
    volume=20,
    volume_rows=("A", "B"),
    hours=office("09:00-12:30", "13:30-18:00"),
)

SMALL_TEAM: Final = Answers(
    preset="small-team",
    name="Small team",
    lead_types=(Named("enquiry", Label("Enquiry", "Demande")),),
    acts=(
        ChosenAct("quote", Label("Asks for a quote", "Demande un devis"), ("quote_requested",), "enquiry"),
        ChosenAct("callback", Label("Wants to be called", "Veut être rappelé"), ("callback_requested",), "enquiry"),
        ChosenAct("form", Label("Writes to us", "Nous écrit"), ("form_submitted", "email_replied"), "enquiry"),
        ChosenAct("call", Label("Calls us", "Nous appelle"), ("call_received",), "enquiry"),
        ChosenAct("booth", Label("Came to our booth", "Venu sur notre stand"), ("booth_visited",), "enquiry"),
    ),
    has_desk=False,
    returns=STANDARD,
)

INBOUND_LEADS: Final = Answers(
    preset="inbound-leads",
    name="Inbound leads",
    lead_types=(Named("seller", Label("Wants to sell with us", "Veut vendre chez nous")),),
    countries=("BR",),
    acts=(
        ChosenAct(
            "contact-request", Label("Asks to be contacted", "Demande à être contacté"), ("form_submitted",), "seller"
        ),
    ),
    scored=True,
    weighed=(
        Weighed("page_viewed", Label("Views pages", "Consulte des pages"), "few"),
        Weighed("content_read", Label("Reads how it works", "Lit comment cela marche"), "few"),
        Weighed("email_replied", Label("Replies to an e-mail", "Répond à un e-mail"), "some"),
    ),
    traits=(("countries", "some"),),
    half_life_days=14,
    judge_within=Span(1, "working_days"),
    criteria=(
        Asked(
            "has-a-shop",
            Label("Has goods to sell now", "A des produits à vendre aujourd'hui"),
            "sales",
            Label("What do you sell, and where today?", "Que vendez-vous, et où aujourd'hui ?"),
        ),
        Asked(
            "has-a-company",
            Label("Has a registered company", "A une entreprise enregistrée"),
            "sales",
            Label("Is your company registered?", "Votre entreprise est-elle enregistrée ?"),
        ),
        Asked(
            "decides",
            Label("Decides alone or with one partner", "Décide seul ou avec un associé"),
            "sales",
            Label("Who decides with you?", "Qui décide avec vous ?"),
        ),
        Asked("in-our-country", Label("Sells from Brazil", "Vend depuis le Brésil"), "marketing"),
    ),
    returns=(
        Reason("later", Label("Wants to start later", "Veut commencer plus tard"), "wake_up"),
        Reason("no-stock", Label("No stock yet", "Pas encore de stock"), "nurture", 60),
        Reason("unreachable", Label("Cannot be reached", "Injoignable"), "nurture", 30),
        Reason("other-contact", Label("Somebody else decides", "Quelqu'un d'autre décide"), "keep"),
    ),
    accept=Span(1, "working_days"),
    call=Span(2, "working_days"),
    reassign=Span(4, "working_days"),
    report=Span(10, "working_days"),
    volume=80,
    time_zone="America/Sao_Paulo",
    holidays="BR",
    hours=office("08:00-19:00"),
)

DEALER_NETWORK: Final = Answers(
    preset="dealer-network",
    name="Dealer network",
    lead_types=(
        Named("purchase", Label("Wants to buy", "Veut acheter")),
        Named("trial", Label("Wants to try", "Veut essayer")),
        Named("service", Label("Needs a repair or parts", "Besoin d'une réparation ou de pièces")),
    ),
    sectors=("01", "02", "43", "81.30"),
    countries=("FR", "BE"),
    roles=("pays", "decides"),
    aside_sectors=(Aside("dealer", Label("Works for a dealer", "Travaille chez un concessionnaire"), ("45",)),),
    acts=(
        ChosenAct("quote", Label("Asks for a quote", "Demande un devis"), ("quote_requested",), "purchase"),
        ChosenAct("trial", Label("Books a trial", "Réserve un essai"), ("demo_requested",), "trial"),
        ChosenAct("callback", Label("Wants to be called", "Veut être rappelé"), ("callback_requested",), "service"),
    ),
    scored=True,
    weighed=(
        Weighed("page_viewed", Label("Looks at a model", "Regarde un modèle"), "few"),
        Weighed("content_downloaded", Label("Downloads a catalogue", "Télécharge un catalogue"), "few"),
        Weighed("booth_visited", Label("Comes to a fair", "Vient à un salon"), "much"),
    ),
    traits=(("countries", "much"), ("roles", "some"), ("sectors", "some")),
    half_life_days=14,
    judge_within=Span(2, "working_hours"),
    minutes_per_lead=6,
    minutes_per_week=900,
    criteria=(
        Asked("place", Label("A place with a dealer", "Un lieu pourvu"), "sales"),
        Asked(
            "model",
            Label("A model or a use", "Un modèle ou un usage"),
            "sales",
            Label("What is it for?", "Pour quel usage ?"),
        ),
    ),
    returns=(
        Reason("next-season", Label("Next season", "La saison prochaine"), "wake_up"),
        Reason("other-dealer", Label("Belongs to another dealer", "Relève d'un autre concessionnaire"), "linked_lead"),
        Reason("unreachable", Label("Cannot be reached", "Injoignable"), "nurture", 45),
    ),
    accept=Span(4, "working_hours"),
    call=Span(1, "working_days"),
    reassign=Span(3, "working_days"),
    report=Span(5, "working_days"),
    volume=60,
    volume_rows=("A",),
    hours=(*office("08:30-18:30"), ("sat", ("09:00-12:00",))),
)


@dataclass(frozen=True, slots=True)
class Preset:
    """A business to start from. `kept`: sections in YAML that no question is asked about; edited in the text."""

    answers: Answers
    kept: Mapping[str, str]


SENTENCE: Final = "- {id: sentence, label: {en: In one sentence, fr: En une phrase}, required: true}"
REACHED: Final = """- id: reached
  label: {en: "Reached?", fr: "Joint ?"}
  required: true
  choices:
    - {id: "yes", label: {en: "Yes", fr: Oui}}
    - {id: "no", label: {en: "No", fr: Non}}"""

PRESETS: Final[Mapping[str, Preset]] = {
    "complex-sale": Preset(
        COMPLEX_SALE,
        {
            "organisation": "{engagement: 15, warm: 1, hot: 3, roles: [decides, pays, uses]}",
            "reports": f"""{REACHED}
- {{id: project-date, label: {{en: Date of the project, fr: Date du projet}}, kind: date}}
- id: next
  label: {{en: "What comes next?", fr: "Et ensuite ?"}}
  required: true
  choices:
    - {{id: visit, label: {{en: Visit, fr: Visite}}}}
    - {{id: demo, label: {{en: Demonstration, fr: Démonstration}}}}
    - {{id: quote, label: {{en: Quote, fr: Devis}}}}
    - {{id: call, label: {{en: Call again, fr: Rappeler}}}}
    - {{id: return, label: {{en: Give back, fr: Rendre}}}}
{SENTENCE}""",
            "pressure": "- {id: mail, label: {en: E-mails, fr: E-mails}, channels: [email], at_most: 2, "
            "within: 7 days}\n- {id: all, label: {en: Any contact, fr: Tout contact}, at_most: 6, within: 30 days}",
        },
    ),
    "small-team": Preset(SMALL_TEAM, {}),
    "inbound-leads": Preset(
        INBOUND_LEADS,
        {
            "recycling": """default: 60 days
off_target:
  - {id: private-person, label: {en: Private person, fr: Particulier}}
  - {id: wants-to-buy, label: {en: Wants to buy and not to sell, fr: Veut acheter et non vendre}}
  - {id: forbidden-goods, label: {en: Goods that we do not take, fr: Produits que nous refusons}}""",
            "reports": f"""{REACHED}
- {{id: trade, label: {{en: What they sell, fr: Ce qu'ils vendent}}}}
- {{id: starts-on, label: {{en: Could start on, fr: Pourrait commencer le}}, kind: date}}
{SENTENCE}""",
        },
    ),
    "dealer-network": Preset(
        DEALER_NETWORK,
        {
            "recycling": "default: 60 days",
            "reports": """- id: result
  label: {en: What came of it, fr: Résultat}
  required: true
  choices:
    - {id: sold, label: {en: Sold, fr: Vendu}}
    - {id: open, label: {en: Still open, fr: En cours}}
    - {id: lost, label: {en: Lost, fr: Perdu}}
- {id: sentence, label: {en: In one sentence, fr: En une phrase}}""",
            "pressure": "- {id: letters, label: {en: E-mails and text messages, fr: E-mails et SMS}, "
            "channels: [email, sms], at_most: 3, within: 14 days}",
        },
    ),
}
