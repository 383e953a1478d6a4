"""The data-quality monitor: did the features change?"""
