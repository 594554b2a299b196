"""Commands of the laboratory: the actor first, one transaction, one entry in the trail."""

from varde_node.lab.services.analysis import analyse_case, override_quality, start_analysis
from varde_node.lab.services.cases import cancel_case, open_case, store_panel
from varde_node.lab.services.files import upload_file
from varde_node.lab.services.samples import receive_sample, receive_samples

__all__ = [
    "analyse_case",
    "cancel_case",
    "open_case",
    "override_quality",
    "receive_sample",
    "receive_samples",
    "start_analysis",
    "store_panel",
    "upload_file",
]
