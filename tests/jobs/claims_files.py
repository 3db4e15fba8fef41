"""837P files as far as a clearinghouse's front door reads them."""

NAME = "000000123.837p"


def claims_file(*numbers: str, control: str = "000000123") -> bytes:
    """An 837P as far as a clearinghouse's front door reads it."""
    claims = "".join(
        f"HL*2*1*22*0~CLM*{number}*850***41:B:1*Y*A*Y*Y~DTP*472*D8*20260901~" for number in numbers
    )
    return (
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'TESTPROV':15}*ZZ*{'TESTCLEAR':15}*260915*0312*^*00501*{control}*0*T*:~"
        f"GS*HC*TESTPROV*TESTCLEAR*20260915*0312*77*X*005010X222A1~"
        f"ST*837*0001*005010X222A1~{claims}SE*{2 + 3 * len(numbers)}*0001~GE*1*77~IEA*1*{control}~"
    ).encode()


CONTENT = claims_file("1001", "1002.2")
