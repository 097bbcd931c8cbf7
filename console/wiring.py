"""What the console plugs in: its pages, in the order in which the menu shows them."""

from __future__ import annotations

from console.admin.api.accounts import accounts
from console.admin.api.jobs import jobs
from console.admin.api.numbers import numbers
from console.admin.api.organisations import organisations
from console.admin.api.rules import rules
from console.admin.api.statements import statements
from console.admin.api.trail import trail
from console.canteen.api.approvals import approvals
from console.canteen.api.campaigns import campaigns
from console.canteen.api.confirmations import confirmations
from console.canteen.api.filings import filings
from console.canteen.api.finance import finance
from console.canteen.api.matters import matters
from console.canteen.api.menus import menus
from console.canteen.api.orders import orders
from console.canteen.api.quotas import quotas
from console.canteen.api.rebindings import rebindings
from console.canteen.api.receiving import receiving
from console.canteen.api.shop import shop
from console.canteen.api.today import today
from console.canteen.api.treasury import treasury
from console.canteen.api.units import units
from console.canteen.api.waivers import waivers
from console.cooperative.api.pages import COOPERATIVE
from console.monitor.api.channels import channels
from console.monitor.api.circulars import circulars
from console.monitor.api.flags import flags
from console.monitor.api.overview import overview
from console.monitor.api.supervision import supervision
from console.public.api.checking import checking
from console.public.api.credentials import credentials
from console.public.api.entrance import public
from console.public.api.figures import figures
from console.public.api.posted import posted
from console.public.api.voices import voices
from console.public.api.ways import ways
from console.reviewer.api.certificates import certificates
from console.reviewer.api.complaints import complaints
from console.reviewer.api.credit import credit
from console.reviewer.api.displays import displays
from console.reviewer.api.households import households
from console.reviewer.api.inspections import inspections
from console.reviewer.api.marks import marks
from console.reviewer.api.notices import notices
from console.reviewer.api.work import work
from console.village.api.pages import VILLAGE
from console.widgets.shell import shell
from kernel.package import Package

CANTEEN = (
    today, shop, orders, receiving, approvals, menus, campaigns, finance, treasury,
    filings, confirmations, quotas, units, rebindings, matters, waivers,
)  # fmt: skip
REVIEWER = (
    work, notices, certificates, marks, displays, inspections, complaints, households, credit,
)  # fmt: skip
PUBLIC = (checking, posted, figures, ways, voices, credentials)
MONITOR = (overview, supervision, flags, channels, circulars)
ADMIN = (organisations, accounts, trail, statements, jobs, rules, numbers)
CONSOLE = Package(
    name="console",
    pages=(shell, public, *REVIEWER, *COOPERATIVE, *VILLAGE, *CANTEEN, *MONITOR, *ADMIN, *PUBLIC),
)
