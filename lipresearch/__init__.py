"""lipresearch: from open data on Canadian communities to a defensible choice of study sites."""

from lipresearch import notebook
from lipresearch.public import (
    cluster_coverage,
    compare_perspectives,
    coverage_matrix,
    list_clusters,
    list_factors,
    load_characteristics,
    load_cluster,
    load_measures,
    load_notes,
    load_partners,
    load_priorities,
    load_sites,
    load_sources,
    load_surveys,
    plot_contributions,
    plot_coverage,
    plot_coverage_matrix,
    plot_ranking,
    rank_sites,
    site_profile,
    verify_data,
)

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "cluster_coverage",
    "compare_perspectives",
    "coverage_matrix",
    "list_clusters",
    "list_factors",
    "load_characteristics",
    "load_cluster",
    "load_measures",
    "load_notes",
    "load_partners",
    "load_priorities",
    "load_sites",
    "load_sources",
    "load_surveys",
    "notebook",
    "plot_contributions",
    "plot_coverage",
    "plot_coverage_matrix",
    "plot_ranking",
    "rank_sites",
    "site_profile",
    "verify_data",
]
