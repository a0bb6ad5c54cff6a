"""What a network says of a company, row by row; and on all of the test files of MaxMind, where they stand."""

import gzip
import json
import re
from collections import Counter
from collections.abc import Mapping
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT
from vendange.engine.addresses import cut, cut_in, of_visitor, without
from vendange.reveal.rules import (
    HIGH,
    LEAST,
    MOST,
    WEIGHTS,
    Address,
    Barred,
    Company,
    address_of,
    compact,
    company_of,
    domain_like,
    forbidden,
    network_of,
    overlap,
    read,
    same_house,
    sureness,
    together,
)

SOURCES = Path("/work/shared/data/geoip_mmdb/source-json")
BEHIND = {"organization": "Atelier Nova SAS", "isp": "Cogent Communications"}
OWN = {"organization": "Nova Motors", "isp": "Nova Motors", "connection_type": "Corporate", "user_type": "business"}


def company(record: Mapping[str, Any], ip: str = "38.105.0.64", prefix: int = 27, **providers: Any) -> Company:
    address = address_of(ip)
    assert address is not None
    return company_of(together([(read(record), prefix)], address), **providers)


@pytest.mark.parametrize(
    ("record", "never"),
    [
        ({"isp": "Telstra Internet", "organization": "Telstra Internet"}, "provider"),
        ({"isp": "AT&T Services", "organization": "AT&T Worldnet Services"}, "provider"),
        ({**BEHIND, "organization": "Alamo Broadband"}, "provider"),
        ({**BEHIND, "organization": "HKTNET"}, "provider"),
        ({**BEHIND, "organization": "Acme Web Hosting"}, "provider"),
        ({**BEHIND, "type": "isp", "name": "Acme", "as_name": "x"}, "provider"),
        ({**BEHIND, "is_anonymous_vpn": True}, "anonymous"),
        ({**BEHIND, "is_tor_exit_node": True}, "anonymous"),
        ({**BEHIND, "is_public_proxy": True}, "anonymous"),
        ({**BEHIND, "is_residential_proxy": True}, "anonymous"),
        ({**BEHIND, "privacy": {"vpn": "true"}}, "anonymous"),
        ({**BEHIND, "user_type": "consumer_privacy_network"}, "anonymous"),
        ({**BEHIND, "is_hosting_provider": True}, "hosting"),
        ({**BEHIND, "user_type": "content_delivery_network"}, "hosting"),
        ({**BEHIND, "user_type": "hosting"}, "hosting"),
        ({**BEHIND, "as_type": "hosting"}, "hosting"),
        ({"traits": {**BEHIND, "is_anycast": True}}, "hosting"),
        ({**BEHIND, "user_type": "residential"}, "consumer"),
        ({**BEHIND, "user_type": "traveler"}, "consumer"),
        ({**BEHIND, "connection_type": "Satellite"}, "consumer"),
        ({**BEHIND, "connection_type": "Cellular"}, "mobile"),
        ({**BEHIND, "mobile_country_code": "310"}, "mobile"),
        ({**BEHIND, "user_type": "college"}, "education"),
        ({**BEHIND, "organization": "Université de Lyon"}, "education"),
        ({**BEHIND, "domain": "mit.edu"}, "education"),
        ({**BEHIND, "user_type": "military"}, "government"),
        ({**BEHIND, "domain": "interieur.gouv.fr"}, "government"),
        ({**BEHIND, "organization": "City of Austin"}, "government"),
        ({**BEHIND, "organization": "Regus Business Centre"}, "shared_offices"),
        ({**BEHIND, "organization": "Hôtel du Parc"}, "shared_offices"),
        ({"isp": "Cogent"}, "nothing_said"),
        ({"domain": "in-addr.arpa"}, "nothing_said"),
        ({}, "nothing_said"),
    ],
)
def test_what_is_never_a_company(record: Mapping[str, Any], never: str) -> None:
    found = company(record)
    assert (found.never, found.is_one, found.confidence) == (never, False, 0.0)


@pytest.mark.parametrize(
    ("record", "confidence", "because"),
    [
        (BEHIND, 0.55, ("apart_from_provider",)),
        ({"organization": "Cabinet Moreau", "isp": "Orange"}, 0.55, ("apart_from_provider",)),
        ({**BEHIND, "domain": "bredband2.com"}, 0.65, ("apart_from_provider", "domain")),
        ({**BEHIND, "domain": "cogentco.com"}, 0.55, ("apart_from_provider",)),
        ({**BEHIND, "domain": "cogent.com"}, 0.55, ("apart_from_provider",)),
        ({**BEHIND, "domain": "atelier-nova.fr"}, 0.8, ("apart_from_provider", "domain_like_name")),
        (
            {**BEHIND, "domain": "atelier-nova.fr", "connection_type": "Corporate", "user_type": "business"},
            MOST,
            ("apart_from_provider", "domain_like_name", "corporate", "business"),
        ),
        ({**BEHIND, "connection_type": "Cable/DSL"}, 0.45, ("apart_from_provider", "home_line")),
        ({**BEHIND, "is_legitimate_proxy": True}, 0.3, ("apart_from_provider", "shared_exit")),
        (OWN, 0.65, ("own_network", "corporate", "business")),
        ({"organization": "Caravan Guard Ltd"}, 0.35, ("provider_not_known",)),
        ({"domain": "nova.example"}, 0.2, ("domain_alone",)),
    ],
)
def test_how_sure_a_company_is(record: Mapping[str, Any], confidence: float, because: tuple[str, ...]) -> None:
    found = company(record)
    assert (found.confidence, found.because, found.never) == (confidence, because, "")
    assert found.is_one == (confidence >= LEAST)


def test_a_very_wide_network_is_less_sure() -> None:
    assert company(BEHIND, prefix=16).because == ("apart_from_provider", "wide_network")


def test_who_is_the_provider_of_somebody_else_is_never_a_company() -> None:
    record = {"organization": "Rivière Réseaux", "isp": "Orange"}
    assert company(record).is_one
    assert company(record, providers={compact("Riviere Reseaux")}).never == "provider"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"traits": {"organization": "GHD", "isp": "Cogent"}}, {"organisation": "GHD", "isp": "Cogent"}),
        (
            {"name": "GHD", "domain": "ghd.com", "type": "business", "asn": "AS1", "as_name": "Cogent"},
            {"organisation": "GHD", "domain": "ghd.com", "user": "business", "carrier": "Cogent"},
        ),
        (
            {"asn": "AS1", "name": "Cogent", "domain": "cogentco.com", "type": "isp"},
            {"carrier": "Cogent", "carrier_domain": "cogentco.com", "carrier_type": "isp"},
        ),
        ({"vpn": "", "hosting": "true", "is_tor": False}, {"flag.hosting": "hosting"}),
        ({"city": {"names": {"en": "Lyon"}}}, {}),
    ],
)
def test_the_fields_of_several_makers_are_understood(record: dict[str, Any], said: dict[str, str]) -> None:
    assert read(record) == said


def test_several_files_speak_together_and_the_narrowest_network_is_kept() -> None:
    address = address_of("38.105.0.77")
    assert address is not None
    seen = together(
        [({"isp": "Cogent"}, 16), ({"organisation": "GHD", "isp": "x"}, 26), ({"flag.hosting": "y"}, 32)], address
    )
    assert (seen.isp, seen.organisation, seen.network) == ("Cogent", "GHD", "38.105.0.64/26")
    assert seen.flags == {"hosting"}


@pytest.mark.parametrize(
    "text", ["", "nobody", "10.1.2.3", "192.168.0.1", "127.0.0.1", "::1", "fe80::1", "224.0.0.1", "1.2.3.0/24"]
)
def test_private_addresses_and_networks_are_nobody(text: str) -> None:
    assert address_of(text) is None


def test_what_may_not_be_recognised() -> None:
    found = Company(name="Bevtec", domain="bevtec.example", confidence=0.9)
    home = address_of("89.160.20.112")
    rules = [Barred("89.160.20.0/24", "", "office"), Barred("", "bevtec.example", "objection")]
    assert forbidden(found, home, rules[:1]) == "office"
    assert forbidden(found, address_of("38.105.0.64"), rules) == "objection"
    assert forbidden(Company(name="BEVTEC"), None, [Barred("", "bevtec", "provider")]) == "provider"
    assert forbidden(found, address_of("2a01:4f8::1"), rules[:1]) == ""
    assert overlap("89.160.20.112/28", "89.160.0.0/16") and not overlap("89.160.20.0/24", "2a01::/16")


def test_names_of_one_house() -> None:
    assert same_house("Etisalat", "Etisalat Misr") and same_house("MTC Netman", "MTC - Mobile Telecommunications, Ltd.")
    assert not same_house("Nova Services", "Orange Services") and not same_house("", "Orange")
    assert domain_like("Laiterie des Monts", "laiterie-monts.fr") and not domain_like("GHD", "cogent.com")
    assert network_of("203.0.113.7/24") is not None and network_of("x") is None


def test_the_words_follow_the_thresholds() -> None:
    assert [sureness(one) for one in (LEAST, 0.65, HIGH)] == ["perhaps", "likely", "high"]


def test_the_document_has_the_weights_of_the_code() -> None:
    text = (ROOT / "docs/rules/companies.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+)` \| ([+−]0\.\d\d) \|", text, re.MULTILINE))
    assert {name: float(value.replace("−", "-")) for name, value in rows.items()} == dict(WEIGHTS)
    assert all(f"{value:.2f}" in text for value in (LEAST, HIGH, MOST))


@pytest.mark.parametrize(
    ("payload", "request_ip", "said"),
    [
        ({"context": {"mode": "lead", "ip": "9.9.9.9"}}, "8.8.8.8", ("8.8.8.8", "seen")),
        ({"context": {"ip": "9.9.9.9"}}, "8.8.8.8", ("9.9.9.9", "told")),
        ({"context": {"mode": "audience", "ip": "9.9.9.9"}}, "8.8.8.8", ("", "")),
        ({"context": {"ip": 7}}, "8.8.8.8", ("", "")),
        ({"context": "x"}, "8.8.8.8", ("", "")),
        ({}, "8.8.8.8", ("", "")),
    ],
)
def test_whose_address_may_be_looked_at(payload: dict[str, Any], request_ip: str, said: tuple[str, str]) -> None:
    assert of_visitor(payload, request_ip) == said


def test_addresses_are_cut_and_left_out() -> None:
    assert [cut(one) for one in ("81.2.69.160", "::ffff:81.2.69.1", "2a01:4f8:1:2::3", "", "x")] == [
        "81.2.69.0/24", "81.2.69.0/24", "2a01:4f8:1::/48", "", "",
    ]  # fmt: skip
    assert cut(cut("81.2.69.160")) == "81.2.69.0/24"
    broken = b'{"context":{"ip" : "2a01:4f8::1", "zip":"69003","clientIp":"1.2.3.4, 5.6.7.8"}, "cut'
    assert (
        cut_in(broken)
        == b'{"context":{"ip" : "2a01:4f8::/48", "zip":"69003","clientIp":"1.2.3.0/24, 5.6.7.0/24"}, "cut'
    )
    assert cut_in(cut_in(broken)) == cut_in(broken)
    assert without({"remote_addr": "x", "visitor_ip": 1, "list": ["8.8.8.8", "a"], "n": 4}) == {"list": ["a"], "n": 4}


def rows_of(name: str) -> list[tuple[Address, int, dict[str, Any]]]:
    file = SOURCES / f"{name}.json.gz"
    if not file.exists():
        pytest.skip("the test files of MaxMind are not on this machine")
    found = []
    for entry in json.loads(gzip.decompress(file.read_bytes())):
        for text, record in entry.items():
            network = network_of(text)
            assert network is not None
            address, length = network.network_address, network.prefixlen
            if address.version == 6 and int(address) < 2**32:
                address, length = IPv4Address(int(address)), max(0, length - 96)
            found.append((address, length, record))
    return found


# Of each file, how many entries come to a company; the rest of the evaluation stands in docs/rules/companies.md.
@pytest.mark.parametrize(
    ("name", "companies"),
    [
        ("GeoIP2-ISP-Test", 69),
        ("GeoIP2-Enterprise-Test", 0),
        ("GeoIP2-Domain-Test", 0),
        ("GeoIP2-Connection-Type-Test", 0),
        ("GeoIP2-Anonymous-IP-Test", 0),
        ("GeoLite2-ASN-Test", 0),
    ],
)
def test_on_whole_files_providers_homes_and_hidden_visitors_are_no_companies(name: str, companies: int) -> None:
    rows = rows_of(name)
    said = [read(record) for _, _, record in rows]
    isps = {
        compact(one["isp"]) for one in said
        if one.get("isp") and one.get("organisation") and not same_house(one["isp"], one["organisation"])
    }  # fmt: skip
    found = [company_of(together([(one, length)], ip), isps) for one, (ip, length, _) in zip(said, rows, strict=True)]
    assert sum(one.is_one for one in found) == companies
    for one, told in zip(found, said, strict=True):
        if one.is_one:
            assert told.get("user", "business") == "business" and told.get("connection", "Corporate") == "Corporate"
            assert not {"flag.anonymous", "flag.hosting", "flag.mobile"} & set(told)
            assert told["organisation"] != told.get("isp") and compact(told["organisation"]) not in isps
    assert not Counter(one.never for one in found if one.is_one).keys() - {""}


@pytest.mark.parametrize("name", ["GHD", "Karlin Peebles LLP", "La Presse"])
def test_companies_behind_a_provider_are_seen(name: str) -> None:
    found = [company(record) for _, _, record in rows_of("GeoIP2-ISP-Test") if record.get("organization") == name]
    assert found and all(one.is_one for one in found)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ('{"ip": ["11.22.33.44"]}', '{"ip": ["11.22.33.0/24"]}'),
        ('{"ip": ["11.22.33.44", {"a": 1}], "n": 2}', None),
        ('{"ip": {"v4": "11.22.33.44", "at": "noon"}}', '{"ip": {"v4": "11.22.33.0/24", "at": "noon"}}'),
        ('{"ip": 185999660}', '{"ip": 185999616}'),
        ('{"$ip": "11.22.33.44"}', '{"$ip": "11.22.33.0/24"}'),
        ('{"ip": "11.22.33.44/32"}', '{"ip": "11.22.33.0/24"}'),
        ('{"ip": "2001:db8:1:2::3/128"}', '{"ip": "2001:db8:1::/48"}'),
        ('{"ip": "11.22.33.44:443"}', '{"ip": "11.22.33.0/24"}'),
        ('{"ip": "[2001:db8:1:2::3]:443"}', '{"ip": "2001:db8:1::/48"}'),
        ('{"cfConnectingIp": "11.22.33.44"}', '{"cfConnectingIp": "11.22.33.0/24"}'),
        ('{"Forwarded": "for=11.22.33.44;proto=https"}', '{"Forwarded": "11.22.33.0/24"}'),
        (r'{"Forwarded": "for=\"[2001:db8:1:2::3]:443\""}', '{"Forwarded": "2001:db8:1::/48"}'),
        ('{{"x-forwarded-for": "{}"}}'.format(", ".join(["11.22.33.44"] * 40)), '{"x-forwarded-for": "11.22.33.0/24"}'),
        ('{"ip": "11.22.33.0/24", "zip": 185999660}', '{"ip": "11.22.33.0/24", "zip": 185999660}'),
    ],
)
def test_no_form_of_an_address_outlives_the_day(said: str, kept: str | None) -> None:
    once = cut_in(said.encode())
    assert b"11.22.33.44" not in once and b"::3" not in once
    assert kept is None or once.decode() == kept
    assert cut_in(once) == once


@pytest.mark.parametrize(
    "given",
    [
        {"forwarded": "for=11.22.33.44"},
        {"$ip": "11.22.33.44"},
        {"ip": 185999660},
        {"ip": ["11.22.33.44"]},
        {"seen": "11.22.33.44:443"},
        {"seen": "11.22.33.44/32"},
        {"hops": "11.22.33.44, 11.22.33.45"},
        {"hops": ["11.22.33.44:80", "[2001:db8::1]:443"]},
    ],
)
def test_no_form_of_an_address_is_kept_in_a_signal(given: Mapping[str, Any]) -> None:
    assert without({**given, "version": "10.2.0.1", "net": "11.22.0.0/16"}) in (
        {"version": "10.2.0.1", "net": "11.22.0.0/16"},
        {"hops": [], "version": "10.2.0.1", "net": "11.22.0.0/16"},
    )
