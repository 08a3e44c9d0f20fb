"""Parts of the verdict benchmarks: populations with known truth, learners, and rules that judge."""
