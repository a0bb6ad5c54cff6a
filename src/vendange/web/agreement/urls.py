"""Addresses under /agreement/."""

from django.urls import path

from vendange.web.agreement import acts, beside, pages, simulation, starting, suggest, writing

urlpatterns = [
    path("", pages.agreement, name="agreement"),
    path("draft", acts.draft, name="agreement_draft"),
    path("start/", starting.start, name="agreement_start"),
    path("start/draft", starting.draft, name="agreement_start_draft"),
    path("start/again", starting.again, name="agreement_start_again"),
    path("start/target/count", starting.count, name="agreement_start_count"),
    path("start/<slug:code>", starting.step, name="agreement_start_step"),
    path("suggest", suggest.suggest, name="agreement_suggest"),
    path("suggest/learn", suggest.learn, name="agreement_suggest_learn"),
    path("suggest/draft", suggest.draft, name="agreement_suggest_draft"),
    path("<int:number>/", pages.version, name="agreement_version"),
    path("<int:number>/simulation", simulation.simulation, name="agreement_simulation"),
    path("<int:number>/simulation/<uuid:job>/progress", simulation.progress, name="agreement_simulation_progress"),
    path("<int:number>/simulation/<uuid:job>/cancel", simulation.stop, name="agreement_simulation_cancel"),
    path("<int:number>/write", writing.write, name="agreement_write"),
    path("<int:number>/sign", acts.sign, name="agreement_sign"),
    path("<int:number>/withdraw", acts.withdraw, name="agreement_withdraw"),
    path("<int:number>/refuse", acts.refuse, name="agreement_refuse"),
    path("<int:number>/take-up", acts.take_up, name="agreement_take_up"),
    path("<int:number>/comment", acts.comment, name="agreement_comment"),
    path("<int:number>/comments/<int:pk>/settle", acts.settle, name="agreement_settle"),
    path("<int:number>/compare", beside.compare, name="agreement_compare"),
    path("<int:number>/print", beside.printed, name="agreement_print"),
]
