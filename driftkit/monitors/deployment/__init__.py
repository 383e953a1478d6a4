"""The deployment monitor: may this version take the traffic?"""
