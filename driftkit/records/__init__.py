"""Files to rows: opens inputs and hands out their rows as chunks of columns."""
