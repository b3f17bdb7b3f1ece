"""What a run on a rig leaves behind: one file, signed, that an auditor can read without this software.

    evidence = Evidence(folder, "emulated", 7, "wardlink hil run --seed 7", began_utc_us=now)
    evidence.faked("patient", "a recorded pleth, played by a simulated sensor")
    evidence.measure(Measurement("recovery", 1.8, "s", upper=5.0, uncertainty=0.1), test)
    evidence.outcome(test, Result.PASSED, 12.1)
    path = evidence.close(bench_key)

Nothing here knows of rigs or pytest: whoever runs a test fills it.
"""
