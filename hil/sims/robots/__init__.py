"""Simulated robots on made-up hospital maps, in simulated time: what the fleet is judged by.

outcome = simulate(Plan(robots=50, hours=3, faults_h=20), seed=7)
outcome.problems        # sentences; empty: no conflict, every transport ended, no wait too long
"""
