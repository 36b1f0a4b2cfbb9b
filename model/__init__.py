"""The words of the field: records, errors, the watchlist, folding, stages. Pure."""
