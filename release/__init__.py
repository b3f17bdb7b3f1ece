"""How a release of the gateway's software is made and signed: for who maintains it, not for a hospital.

    ./run release keys KEYS                                  once: the keys, to be taken to safes
    ./run release bundle 12 --out dist                       all that runs on a box, and its bill of materials
    ./run release publish dist/*.zip --keys KEYS --to REPO   signed into a repository (The Update Framework)
    ./run release refresh --keys KEYS --to REPO              its news stay good for another while
    ./run release root --keys KEYS --to REPO                 its root, too; stolen keys count no more

bundle       the ZIP archive of one release for one platform
bom          its software bill of materials (CycloneDX)
keys         the keys of the roles
repository   the signed metadata
"""
