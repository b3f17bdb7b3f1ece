"""De-identified data for research: projects that a second person approves, and releases out of the lake.

projects = Projects(store, clock)
project = await projects.propose(Proposed("Sepsis", "early signs", …), By("ben"))
project = await projects.decide(project.number, Decision("approved", "ethics 12/26"), By("olga"))
made = release(lake, folder, project, Source(disguise, allowed))      # needs the extra `data`
"""
