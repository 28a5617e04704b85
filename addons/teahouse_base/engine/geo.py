"""Coordinates for maps: WGS-84 inside, GCJ-02 and BD-09 for Chinese ones.

GCJ-02 shifts coordinates within China by a published approximation of the official
transformation (error to it below a few metres); BD-09 shifts those once more.
"""

import re
from math import asin, atan2, cos, pi, radians, sin, sqrt
from urllib.parse import quote, urlencode

EARTH_RADIUS_M = 6_371_008.8
_AXIS = 6378245.0
_ECCENTRICITY = 0.00669342162296594323


def outside_china(lat, lng):
    """Tell whether a point lies outside of the area that GCJ-02 shifts."""
    return not (0.8293 <= lat <= 55.8271 and 72.004 <= lng <= 137.8347)


def _ripples(x):
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _shift(lat, lng):
    """Return the shift from WGS-84 to GCJ-02 at a point, in degrees."""
    x, y = lng - 105.0, lat - 35.0
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x))
    north += _ripples(x)
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x))
    east += _ripples(x)
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    phi = radians(lat)
    magic = 1 - _ECCENTRICITY * sin(phi) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY) / (magic * sqrt(magic)) * pi / 180
    parallel = _AXIS / sqrt(magic) * cos(phi) * pi / 180
    return north / meridian, east / parallel


def wgs84_to_gcj02(lat, lng):
    """Return a point for AMap, Tencent and Google's map of China."""
    if outside_china(lat, lng):
        return lat, lng
    d_lat, d_lng = _shift(lat, lng)
    return lat + d_lat, lng + d_lng


def gcj02_to_wgs84(lat, lng):
    """Return the point whose GCJ-02 shift is given, to below a millimetre."""
    if outside_china(lat, lng):
        return lat, lng
    guess_lat, guess_lng = lat, lng
    for _step in range(10):
        shifted_lat, shifted_lng = wgs84_to_gcj02(guess_lat, guess_lng)
        guess_lat += lat - shifted_lat
        guess_lng += lng - shifted_lng
    return guess_lat, guess_lng


def gcj02_to_bd09(lat, lng):
    """Return a GCJ-02 point for Baidu maps."""
    radius = sqrt(lng * lng + lat * lat) + 0.00002 * sin(lat * pi * 3000 / 180)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * pi * 3000 / 180)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def wgs84_to_bd09(lat, lng):
    """Return a WGS-84 point for Baidu maps; unchanged outside of China."""
    if outside_china(lat, lng):
        return lat, lng
    return gcj02_to_bd09(*wgs84_to_gcj02(lat, lng))


def bd09_to_wgs84(lat, lng):
    """Return the WGS-84 point of a Baidu one, to below a metre."""
    guess_lat, guess_lng = lat, lng
    for _step in range(10):
        there_lat, there_lng = wgs84_to_bd09(guess_lat, guess_lng)
        guess_lat += lat - there_lat
        guess_lng += lng - there_lng
    return guess_lat, guess_lng


def parse_place(text, system="wgs84"):
    """Return the WGS-84 point that somebody pasted, such as ``30.25,120.17``.

    Map pages of China give the longitude first: of two numbers only one of which
    can be a latitude, that one is it.

    :param str system: wgs84, gcj02 (AMap, Tencent) or bd09 (Baidu)
    :raise ValueError: these are no coordinates
    """
    numbers = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", text or "")]
    if len(numbers) != 2:
        raise ValueError(text)
    lat, lng = numbers if abs(numbers[0]) <= 90 else reversed(numbers)
    if not (-90 <= lat <= 90 and -180 <= lng <= 180):
        raise ValueError(text)
    to_wgs84 = {"gcj02": gcj02_to_wgs84, "bd09": bd09_to_wgs84}.get(system)
    return to_wgs84(lat, lng) if to_wgs84 else (lat, lng)


def distance_m(lat_1, lng_1, lat_2, lng_2):
    """Return the great-circle distance of two WGS-84 points in metres."""
    phi_1, phi_2 = radians(lat_1), radians(lat_2)
    half = sin((phi_2 - phi_1) / 2) ** 2
    half += cos(phi_1) * cos(phi_2) * sin(radians(lng_2 - lng_1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(half)))


def navigation_links(lat, lng, name, address=""):
    """Return links that open a place in map applications.

    :param float lat: WGS-84
    :param float lng: WGS-84
    :return: amap, tencent, baidu, apple, google and geo
    :rtype: dict
    """
    gcj_lat, gcj_lng = (f"{value:.6f}" for value in wgs84_to_gcj02(lat, lng))
    bd_lat, bd_lng = (f"{value:.6f}" for value in wgs84_to_bd09(lat, lng))
    wgs_lat, wgs_lng = f"{lat:.6f}", f"{lng:.6f}"
    # Apple shows AMap's data in China, and takes its coordinates there.
    links = {
        "amap": (
            "https://uri.amap.com/marker",
            {
                "position": f"{gcj_lng},{gcj_lat}",
                "name": name,
                "coordinate": "gaode",
                "callnative": 1,
            },
        ),
        "tencent": (
            "https://apis.map.qq.com/uri/v1/marker",
            {
                "marker": f"coord:{gcj_lat},{gcj_lng};title:{name};addr:{address}",
                "referer": "teahouse",
            },
        ),
        "baidu": (
            "https://api.map.baidu.com/marker",
            {
                "location": f"{bd_lat},{bd_lng}",
                "title": name,
                "content": address or name,
                "output": "html",
                "src": "teahouse",
            },
        ),
        "apple": (
            "https://maps.apple.com/",
            {"ll": f"{gcj_lat},{gcj_lng}", "q": name},
        ),
        "google": (
            "https://www.google.com/maps/search/",
            {"api": 1, "query": f"{wgs_lat},{wgs_lng}"},
        ),
    }
    result = {
        key: f"{base}?{urlencode(values, quote_via=quote)}"
        for key, (base, values) in links.items()
    }
    result["geo"] = f"geo:{wgs_lat},{wgs_lng}?q={wgs_lat},{wgs_lng}({quote(name)})"
    return result
