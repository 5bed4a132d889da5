"""
`./city demo --lan` without a network: what it would serve, trust and show. Nothing listens here.
"""

import argparse
import ipaddress

from cryptography import x509

from cityhall import lan
from cityhall.commands import demo
from cityhall.supervisor import Plan, build_command, build_environment, build_fetcher
from cityhall.tls import fingerprint

ADDRESS = "192.168.7.20"


def plan_for(tmp_path, monkeypatch) -> Plan:
    monkeypatch.setattr(demo, "find_lan_address", lambda: ADDRESS)
    words = argparse.Namespace(tls=False, lan=True, base_port=8400)
    return demo.build_plan(words, tmp_path)


def test_lan_serves_https_under_a_certificate_for_the_machines_address(tmp_path, monkeypatch):
    plan = plan_for(tmp_path, monkeypatch)
    certificate = x509.load_pem_x509_certificate(plan.certificate.read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert plan.urls["wallet_api"] == f"https://{ADDRESS}:8402"
    assert ipaddress.ip_address(ADDRESS) in names.get_values_for_type(x509.IPAddress)
    assert "--ssl-certificate" in build_command("wallet_api", plan)
    assert build_environment("issuer", plan)["CITY_CA_FILE"] == str(plan.ca_file)


def test_the_desk_may_reach_its_own_counters_at_a_private_address_and_no_others(
    tmp_path, monkeypatch
):
    plan = plan_for(tmp_path, monkeypatch)
    rules = build_fetcher(plan.ca_file, plan.urls)._rules

    def resolve(host, port):
        return [host]

    target = rules.check(f"{plan.urls['issuer']}/health", resolver=resolve, timeout=1)

    assert target.addresses == (ADDRESS,)


def test_the_phone_is_shown_the_install_page_and_the_fingerprint(tmp_path, monkeypatch, capsys):
    plan = plan_for(tmp_path, monkeypatch)

    lan.show_phone_help(plan)

    shown = capsys.readouterr().out
    assert fingerprint(plan.ca_file) in shown
    assert "\u2588" in shown or "\u2580" in shown or "##" in shown
