"""Alleo as a platform: its settings, its client and what `check` asks of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from people_transforms.delivery.vendor import Place, Vendor
from people_transforms.errors import ConfigError
from people_transforms.platform import Platform

from destination_alleo.client import AlleoVendor
from destination_alleo.settings import Company, parse_alleo_settings


class Alleo(Platform):
    """Keeps the accounts of Alleo companies equal to the HR system."""

    vendor_name = "alleo"
    default_source_system = "loket"

    def vendor(self, config: Mapping[str, Any]) -> Vendor:
        """Build the client of a checked configuration."""
        return AlleoVendor(parse_alleo_settings(config))

    def verify(self, config: Mapping[str, Any], vendor: Vendor) -> list[str]:
        """Say in sentences what is wrong with the mapping and the rights of the keys."""
        companies = parse_alleo_settings(config).companies
        places = vendor.places()
        if not companies:
            return [
                "No employer is mapped: add {employer_id, company_id} for each employer to "
                f"`companies`. {_visible(places)}"
            ]
        wrong = _mapped_twice(companies)
        known = {place.account_key for place in places}
        for company in {company.company_id: company for company in companies}.values():
            if str(company.company_id) not in known:
                wrong.append(
                    f"`companies` names company {company.company_id}, which these keys cannot "
                    f"see. {_visible(places)}"
                )
            elif isinstance(vendor, AlleoVendor):
                wrong += _unknown_groups(vendor, company.company_id, companies)
        return wrong

    def probe(self, config: Mapping[str, Any], vendor: Vendor) -> None:
        """Try whether the keys may read each company's people."""
        companies = parse_alleo_settings(config).companies
        if isinstance(vendor, AlleoVendor):
            for company_id in sorted({company.company_id for company in companies}):
                vendor.probe(company_id)


def _visible(places: Sequence[Place]) -> str:
    if not places:
        return "The keys see no company at all; ask Alleo to give them access."
    return f"They see: {', '.join(map(str, places))}."


def _mapped_twice(companies: Sequence[Company]) -> list[str]:
    counts = Counter(company.employer_id for company in companies)
    return [
        f"`companies` maps employer {employer_id} {count} times; keep one line per employer."
        for employer_id, count in counts.items()
        if count > 1
    ]


def _unknown_groups(
    vendor: AlleoVendor, company_id: int, companies: Sequence[Company]
) -> list[str]:
    wanted = {
        company.company_group_id
        for company in companies
        if company.company_id == company_id and company.company_group_id is not None
    }
    if not wanted:
        return []
    try:
        known = vendor.groups(company_id)
    except ConfigError as error:
        return [str(error)]
    listed = ", ".join(f"{key} ({name})" if name else str(key) for key, name in known.items())
    return [
        f"Company {company_id} has no group {group}: correct `company_group_id` in `companies`. "
        + (f"Its groups are: {listed}." if known else "It has no groups.")
        for group in sorted(wanted - set(known))
    ]
