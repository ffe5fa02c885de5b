"""Reading the published figures that ``data/raw`` holds."""

from lipresearch.sources.raw import AreaTable, Source, list_datasets, read_areas, read_raw, read_source, short_names

__all__ = ["AreaTable", "Source", "list_datasets", "read_areas", "read_raw", "read_source", "short_names"]
