"""The attribution monitor: did the reasons for predictions change?"""
