"""One pass over labels and predictions, and exact curves however many distinct scores there are.

Units are folded to states; their scores are cut into ranges, and each range is merged, summed up
and forgotten. Only the sums of ranges come together.
"""
