"""The inner loops over values, in two forms that give the same bits."""
