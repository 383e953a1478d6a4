"""The bias monitor: did the treatment of groups change?"""
