"""How sure a ranking is: what moves a site's rank, and how far."""

from lipresearch.robustness.acceptability import (
    RankAcceptability,
    ScoreDraws,
    acceptability_of_samples,
    rank_acceptability,
    ranking_entropy,
    sample_scores,
)
from lipresearch.robustness.evidence import Uncertainty, data_uncertainty
from lipresearch.robustness.variance import RankVariance, explain_rank_variance
from lipresearch.robustness.weighting import Weighting

__all__ = [
    "RankAcceptability",
    "RankVariance",
    "ScoreDraws",
    "Uncertainty",
    "Weighting",
    "acceptability_of_samples",
    "data_uncertainty",
    "explain_rank_variance",
    "rank_acceptability",
    "ranking_entropy",
    "sample_scores",
]
