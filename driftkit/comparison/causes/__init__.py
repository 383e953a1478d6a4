"""Why a feature differs from its baseline, in which rows, since when, and together with which others."""
