"""Questions that people answer carelessly because they come too early: about a budget, about a project and its date."""

import re
from collections.abc import Mapping
from typing import Final

from vendange.engine.plain_text import folded

# What looks like such a question and is another: taken out before anything is looked for.
OTHERS: Final = re.compile(
    r"\b(how much time|combien de temps (passe|consacre|perd))\b[^.?!]*"
    r"|\b(chef|cheffe|chargee?|directeur|directrice|responsable|equipe|gestion|outils?|logiciel) (de|des) projets?\b"
    r"|\bproject (manager|management|leader|lead|owner|team|director|engineer|tool|name|number)s?\b"
    r"|\b(nom|numero|reference) (du|de votre|de) projet\b"
    # When to talk with them is about a call, not about a purchase.
    r"|\b(quand|when)\b[^.?!]*\b(rappel\w*|appel\w*|joindre|joignable|contact\w*|disponible|call\w*|reach|phone|available"
    r"|talk|visit\w*|demo\w*|rendez-vous|meet\w*)\b"
    r"|\bdelais? de (rappel|reponse)\b"
)
PATTERNS: Final[Mapping[str, str]] = {
    "budget": r"\bbudget|\bhow much( money)? *(\?|$)|\bhow much\b.*\b(money|pay|invest|spend|cost|plan|set aside|put)\b"
    r"|\bafford\b|\b(want|plan|expect|willing|able|like) to (spend|pay|invest)\b|\bspend(ing)? (on|for)\b"
    r"|\bprice range\b|\bprice\b.*\b(in mind|expect|target)|\b(target|maximum|max) price\b"
    r"|\bcombien *(\?|$)|\bcombien\b.*\b(depens|invest|pay|mettre|cout|prevoy|argent|euros?\b)"
    r"|\b(quelle|votre|une) enveloppe\b|\benveloppe (budgetaire|prevue|financiere)|\bmontant|\bdepenser\b"
    r"|\binvestissement prevu|\bfourchette de prix"
    r"|\bprix\b.*\b(vis(e|ez|er|ee)|cible|souhait\w*|maxim\w*|envisag\w*|en tete|prets?|prete)\b",
    "project": r"\bprojects?\b|\btimeline|\btime ?frame|\bdeadline|\b(purchase|buying|start) date\b|\bby when\b"
    r"|\bhow soon\b|\bwhen (do|will|are|would) you|\bprojets?\b|\becheance|\bdelai|\bhorizon\b"
    r"|\bd'ici (a )?quand\b|\bpour quand\b|\bdans combien de temps\b"
    r"|\bquand (pensez|comptez|souhait\w+|voul\w+|voudr\w+|prevoyez|envisagez|allez)"
    r"|\bdate d'achat|\bdate de (demarrage|debut)",
}


def asked_too_soon(field: str, label: str) -> list[str]:
    """Which of `budget` and `project` a question asks for. `field`: what it is about."""
    text = OTHERS.sub(" ", folded(f"{field.replace('_', ' ')} . {label}"))
    return [code for code, words in PATTERNS.items() if re.search(words, text)]
