"""All tables, one file per noun. The first line of each file says which step writes it."""

from vendange.models.address import Address, MailIn
from vendange.models.agreement import AgreementVersion, Signature, Wording
from vendange.models.among import Among
from vendange.models.api_key import ApiKey
from vendange.models.assignment import Assignment
from vendange.models.audience import AudienceCount
from vendange.models.beginning import Beginning
from vendange.models.call import Call
from vendange.models.comment import Comment
from vendange.models.configuration import Configuration
from vendange.models.consent import Consent
from vendange.models.deal import Deal
from vendange.models.decision import Decision
from vendange.models.fact import Fact
from vendange.models.followed import Followed
from vendange.models.form import ConsentText, Form, FormVersion, Submission
from vendange.models.found import FoundFacet, FoundMark, FoundWord
from vendange.models.heat import Heat
from vendange.models.identity import Identity
from vendange.models.import_batch import ImportBatch, ImportStep
from vendange.models.import_map import ImportMap
from vendange.models.inbox import Cleared, InboxEvent, RefusedEvent
from vendange.models.job import Job
from vendange.models.lead import Lead
from vendange.models.measure import Measure
from vendange.models.move import Move
from vendange.models.organisation import Organisation, OrganisationFact, OrganisationMerge, OrganisationTwins
from vendange.models.outgoing import Outgoing
from vendange.models.person import Person
from vendange.models.person_merge import Merge, Twins
from vendange.models.report import Report
from vendange.models.return_ import Return
from vendange.models.revealed import Informed, NotRevealed, Revealed
from vendange.models.review import Review
from vendange.models.salesperson import Absence, Salesperson
from vendange.models.segment import Segment, SegmentLeft, SegmentMark, SegmentMember
from vendange.models.signal import Signal
from vendange.models.source import Source
from vendange.models.team import Team
from vendange.models.touched import Touched
from vendange.models.tracked_link import TrackedLink
from vendange.models.trade_show import TradeShow
from vendange.models.trail import Trail
from vendange.models.user import User

__all__ = [
    "Absence",
    "Address",
    "AgreementVersion",
    "Among",
    "ApiKey",
    "Assignment",
    "AudienceCount",
    "Beginning",
    "Call",
    "Cleared",
    "Comment",
    "Configuration",
    "Consent",
    "ConsentText",
    "Deal",
    "Decision",
    "Fact",
    "Followed",
    "Form",
    "FormVersion",
    "FoundFacet",
    "FoundMark",
    "FoundWord",
    "Heat",
    "Identity",
    "ImportBatch",
    "ImportMap",
    "ImportStep",
    "InboxEvent",
    "Informed",
    "Job",
    "Lead",
    "MailIn",
    "Measure",
    "Merge",
    "Move",
    "NotRevealed",
    "Organisation",
    "OrganisationFact",
    "OrganisationMerge",
    "OrganisationTwins",
    "Outgoing",
    "Person",
    "RefusedEvent",
    "Report",
    "Return",
    "Revealed",
    "Review",
    "Salesperson",
    "Segment",
    "SegmentLeft",
    "SegmentMark",
    "SegmentMember",
    "Signal",
    "Signature",
    "Source",
    "Submission",
    "Team",
    "Touched",
    "TrackedLink",
    "TradeShow",
    "Trail",
    "Twins",
    "User",
    "Wording",
]
