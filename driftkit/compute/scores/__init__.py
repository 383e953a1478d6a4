"""Exact curves however many distinct scores there are: the second step of a job that has scores.

The scores of its units are cut into ranges, and each range is merged, summed up and forgotten.
Only the sums of ranges come together.
"""
