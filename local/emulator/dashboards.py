"""Dashboards that are read as they were put: MiniStack's XML does not escape their text."""

from ministack.services import cloudwatch

from local.emulator.cloudwatch_forms import through_json


def install() -> None:
    """Put this around MiniStack's GetDashboard, which Terraform reads in XML."""
    cloudwatch._get_dashboard = through_json("GetDashboard", cloudwatch._get_dashboard)
