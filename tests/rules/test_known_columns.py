"""Columns are recognised by the names that other systems give them, and by what stands in them."""

import pytest

from vendange.sheets.column_map import as_json, map_from
from vendange.sheets.known_columns import recognise

EXPORTS = {
    "odoo": (
        "id;name;contact_name;email_from;phone;partner_name;function;user_id;team_id;country_id;city;zip;stage_id",
        {"external_id": "id", "name": "contact_name", "email": "email_from", "organisation": "partner_name",
         "job_title": "function", "country": "country_id", "postal_code": "zip"},
    ),
    "salesforce": (
        "Id;Salutation;FirstName;LastName;Title;Company;Email;Phone;LeadSource;Status;HasOptedOutOfEmail;"
        "NumberOfEmployees;Country;PostalCode;OwnerId;IsConverted;CreatedDate",
        {"external_id": "Id", "first_name": "FirstName", "last_name": "LastName", "job_title": "Title",
         "organisation": "Company", "source": "LeadSource", "do_not_email": "HasOptedOutOfEmail",
         "employees": "NumberOfEmployees", "postal_code": "PostalCode"},
    ),
    "hubspot": (
        "Record ID;First Name;Last Name;Email;Phone Number;Contact owner;Lifecycle Stage;Create Date;"
        "Associated Company;Job Title;Unsubscribed from all email",
        {"external_id": "Record ID", "email": "Email", "organisation": "Associated Company", "job_title": "Job Title",
         "do_not_email": "Unsubscribed from all email"},
    ),
    "espocrm": (
        "id;name;firstName;lastName;emailAddress;phoneNumber;accountName;title;doNotCall;assignedUserName;createdAt",
        {"external_id": "id", "first_name": "firstName", "email": "emailAddress", "phone": "phoneNumber",
         "organisation": "accountName", "job_title": "title", "do_not_call": "doNotCall"},
    ),
    "frappe": (
        "ID;Lead Name;Email;Mobile No;Organization;Lead Owner;No. of Employees;Status;Job Title",
        {"external_id": "ID", "name": "Lead Name", "phone": "Mobile No", "organisation": "Organization",
         "employees": "No. of Employees"},
    ),
    "mautic": (
        "id;date_added;title;firstname;lastname;company;position;email;mobile;zipcode;points;preferred_locale;last_active",
        {"external_id": "id", "first_name": "firstname", "organisation": "company", "job_title": "position",
         "phone": "mobile", "postal_code": "zipcode", "language": "preferred_locale"},
    ),
    "": (
        "Nom;Prénom;E-mail;Société;Tél.;Fonction;Ville;Code postal;Pays;Effectif;SIREN;Site web",
        {"last_name": "Nom", "first_name": "Prénom", "email": "E-mail", "organisation": "Société", "phone": "Tél.",
         "job_title": "Fonction", "city": "Ville", "postal_code": "Code postal", "country": "Pays",
         "employees": "Effectif", "registry_number": "SIREN", "domain": "Site web"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("system", EXPORTS)
def test_an_export_is_recognised_and_every_column_has_its_place(system: str) -> None:
    names, expected = EXPORTS[system]
    header = names.split(";")
    found = recognise(header)
    assert found.system == system
    assert {name: found.columns.get(name) for name in expected} == expected
    placed = [*found.columns.values(), *found.facts.values(), *found.ignored]
    assert sorted(placed) == sorted(header)
    map_from(
        {"source": "x", "kind": "people", "columns": found.columns, "facts": found.facts, "ignore": found.ignored},
        time_zone="UTC",
    )


def test_what_stands_in_a_column_speaks_before_its_name() -> None:
    header = ["Contact", "Mail", "Nom", "Titre", "Country", "Niveau", "Notes"]
    rows = [
        ["camille@nova.example", "12", "Camille Moreau", "Mme", "France", "7", ""],
        ["jo@nova.example", "13", "Jo Blanc", "M.", "Belgique", "8", ""],
    ]
    found = recognise(header, rows)
    assert found.columns == {"email": "Contact", "name": "Nom", "country": "Country"}
    assert found.facts == {"mail": "Mail", "niveau": "Niveau"}
    assert set(found.ignored) == {"Titre", "Notes"}
    assert set(found.unsure) == {"Contact", "Mail", "Niveau"}


def test_a_record_that_is_gone_over_there_is_seen() -> None:
    found = recognise(["Id", "Email", "IsDeleted", "OwnerId", "LeadSource"], [["1", "a@x.example", "true", "2", ""]])
    assert (found.columns["deleted"], found.system, found.unsure) == ("IsDeleted", "salesforce", ())
    found = recognise(["email_from", "partner_name", "contact_name", "active"], [["a@x.example", "X", "Jo", "False"]])
    assert (found.columns["active"], found.system) == ("active", "odoo")
    found = recognise(["Email", "Archived", "Record ID", "Create Date"], [["a@x.example", "false", "2", ""]])
    assert found.columns["deleted"] == "Archived"
    assert "deleted" not in recognise(["Email", "Archive"], [["a@x.example", "box 12, 1st floor"]]).columns


def test_two_columns_for_one_field_the_filled_one_wins() -> None:
    found = recognise(["Phone", "Mobile"], [["", "+33612345678"]])
    assert (found.columns, found.facts) == ({"phone": "Mobile"}, {"phone_said": "Phone"})


def test_columns_that_we_added_to_refused_rows_are_left_out() -> None:
    assert recognise(["E-mail", "refused_line", "refused_because"]).ignored == ("refused_line", "refused_because")


def test_a_map_goes_through_json_and_stays_what_it_is() -> None:
    said = {
        "source": "Fair", "kind": "people", "signal": "booth_visited", "columns": {"email": "E", "occurred_at": "D"},
        "values": {"country": "FR"}, "facts": {"machines": "M"}, "ignore": ["N"], "row_key": ["E", "D"],
        "date": {"format": "DD/MM/YYYY", "time_zone": "Europe/Paris"}, "decimal": "comma", "encoding": "cp1252",
        "separator": "semicolon", "sheet": "Two", "keep_filled": False, "regime": "professional",
        "consent": {"basis": "given", "channel": ["email"], "purpose": "news", "at": "2026-04-03", "wording": "fair"},
    }  # fmt: skip
    known = map_from(said, time_zone="UTC")
    assert as_json(known) == said
    assert map_from(as_json(known), time_zone="UTC") == known


def test_odoo_in_french_is_known_by_its_labels_and_its_company_is_one() -> None:
    header = ["Nom complet", "E-mail", "Téléphone", "Société liée", "Poste occupé", "Étiquettes"]
    found = recognise(header)
    assert (found.system, found.columns["organisation"]) == ("odoo", "Société liée")


def test_a_language_written_out_is_a_language() -> None:
    found = recognise(["E-mail", "Langue préférée"], [["a@x.example", "Français"], ["b@x.example", "fr"]])
    assert found.columns["language"] == "Langue préférée" and found.unsure == ()


def test_one_odd_value_among_three_does_not_hide_what_a_column_is_called() -> None:
    found = recognise(
        ["E-mail", "Téléphone"], [["a@x.example", one] for one in ("0144556677", "voir Bob", "0612345678")]
    )
    assert found.columns["phone"] == "Téléphone"
