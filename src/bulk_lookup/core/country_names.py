"""ISO 3166: two letters, three letters, and names; the source is the standard's list, with common names added.

The first name is the usual English one; the others are official long forms, former names, abbreviations, and the names
in the languages that lists from the country are written in.
"""

_TABLE = """
AC ASC Ascension Island
AD AND Andorra
AE ARE United Arab Emirates|UAE|Emirates|الإمارات|الإمارات العربية المتحدة|Vereinigte Arabische Emirate
AF AFG Afghanistan|افغانستان
AG ATG Antigua and Barbuda|Antigua
AI AIA Anguilla
AL ALB Albania|Shqipëria|Albanien
AM ARM Armenia|Հայաստան
AO AGO Angola
AQ ATA Antarctica
AR ARG Argentina|Argentine Republic|Argentinien|Argentine
AS ASM American Samoa
AT AUT Austria|Österreich|Oesterreich|Autriche
AU AUS Australia|Australien|Australie
AW ABW Aruba
AX ALA Åland Islands|Aland|Åland
AZ AZE Azerbaijan|Azərbaycan
BA BIH Bosnia and Herzegovina|Bosnia|Bosna i Hercegovina
BB BRB Barbados
BD BGD Bangladesh|বাংলাদেশ
BE BEL Belgium|België|Belgique|Belgien
BF BFA Burkina Faso
BG BGR Bulgaria|България|Bulgarien
BH BHR Bahrain|البحرين
BI BDI Burundi
BJ BEN Benin|Bénin
BL BLM Saint Barthélemy|St Barts
BM BMU Bermuda
BN BRN Brunei|Brunei Darussalam
BO BOL Bolivia|Bolivia, Plurinational State of|Bolivia (Plurinational State of)
BQ BES Bonaire, Sint Eustatius and Saba|Caribbean Netherlands|Bonaire
BR BRA Brazil|Brasil|Brasilien|Brésil
BS BHS Bahamas|The Bahamas
BT BTN Bhutan
BV BVT Bouvet Island
BW BWA Botswana
BY BLR Belarus|Беларусь|Белоруссия
BZ BLZ Belize
CA CAN Canada|Kanada
CC CCK Cocos (Keeling) Islands|Cocos Islands
CD COD Democratic Republic of the Congo|DR Congo|DRC|Congo, The Democratic Republic of the|Congo-Kinshasa
CF CAF Central African Republic
CG COG Congo|Republic of the Congo|Congo-Brazzaville|Congo (Brazzaville)
CH CHE Switzerland|Schweiz|Suisse|Svizzera|Svizra|Confoederatio Helvetica
CI CIV Côte d'Ivoire|Ivory Coast
CK COK Cook Islands
CL CHL Chile
CM CMR Cameroon|Cameroun
CN CHN China|People's Republic of China|PRC|PR China|Mainland China|中国|中國|中华人民共和国
CO COL Colombia
CR CRI Costa Rica
CU CUB Cuba
CV CPV Cabo Verde|Cape Verde
CW CUW Curaçao|Curacao
CX CXR Christmas Island
CY CYP Cyprus|Κύπρος|Zypern
CZ CZE Czechia|Czech Republic|Česko|Česká republika|Tschechien
DE DEU Germany|Deutschland|Federal Republic of Germany|Allemagne|Alemania|Germania|Alemanha
|Bundesrepublik Deutschland|BRD
DJ DJI Djibouti
DK DNK Denmark|Danmark|Dänemark
DM DMA Dominica
DO DOM Dominican Republic|República Dominicana
DZ DZA Algeria|Algérie|الجزائر
EC ECU Ecuador
EE EST Estonia|Eesti|Estland
EG EGY Egypt|مصر|Ägypten
EH ESH Western Sahara
ER ERI Eritrea
ES ESP Spain|España|Espana|Spanien|Espagne|Spagna|Espanha
ET ETH Ethiopia|ኢትዮጵያ
FI FIN Finland|Suomi|Finnland
FJ FJI Fiji
FK FLK Falkland Islands|Falkland Islands (Malvinas)|Islas Malvinas
FM FSM Micronesia|Micronesia, Federated States of|Federated States of Micronesia
FO FRO Faroe Islands|Føroyar
FR FRA France|Frankreich|Francia|França|République française|Metropolitan France
GA GAB Gabon
GB GBR United Kingdom|UK|Great Britain|Britain|England|Scotland|Wales|Northern Ireland|GBNI|Großbritannien
|Grossbritannien|Vereinigtes Königreich|Royaume-Uni|Reino Unido|Regno Unito
|United Kingdom of Great Britain and Northern Ireland
GD GRD Grenada
GE GEO Georgia|საქართველო
GF GUF French Guiana|Guyane
GG GGY Guernsey
GH GHA Ghana
GI GIB Gibraltar
GL GRL Greenland|Kalaallit Nunaat
GM GMB Gambia|The Gambia
GN GIN Guinea|Guinée
GP GLP Guadeloupe
GQ GNQ Equatorial Guinea
GR GRC Greece|Ελλάδα|Hellas|Ellada|Griechenland|Hellenic Republic
GS SGS South Georgia and the South Sandwich Islands
GT GTM Guatemala
GU GUM Guam
GW GNB Guinea-Bissau
GY GUY Guyana
HK HKG Hong Kong|Hong Kong SAR|Hong Kong SAR China|香港
HM HMD Heard Island and McDonald Islands
HN HND Honduras
HR HRV Croatia|Hrvatska|Kroatien
HT HTI Haiti|Haïti
HU HUN Hungary|Magyarország|Ungarn
ID IDN Indonesia|Indonesien
IE IRL Ireland|Éire|Republic of Ireland|Irland|Eire
IL ISR Israel|ישראל|إسرائيل
IM IMN Isle of Man
IN IND India|Bharat|भारत|Indien|Inde
IO IOT British Indian Ocean Territory
IQ IRQ Iraq|العراق
IR IRN Iran|Iran, Islamic Republic of|Iran (Islamic Republic of)|ایران
IS ISL Iceland|Ísland
IT ITA Italy|Italia|Italien|Italie|Itália
JE JEY Jersey
JM JAM Jamaica
JO JOR Jordan|الأردن
JP JPN Japan|日本|Nippon|Japon
KE KEN Kenya
KG KGZ Kyrgyzstan|Кыргызстан
KH KHM Cambodia|កម្ពុជា
KI KIR Kiribati
KM COM Comoros
KN KNA Saint Kitts and Nevis|St Kitts and Nevis|St. Kitts & Nevis
KP PRK North Korea|Korea, Democratic People's Republic of|Korea (Democratic People's Republic of)|DPRK
KR KOR South Korea|Korea|Korea, Republic of|Republic of Korea|Korea (Republic of)|한국|대한민국|Südkorea
KW KWT Kuwait|الكويت
KY CYM Cayman Islands
KZ KAZ Kazakhstan|Қазақстан|Казахстан
LA LAO Laos|Lao People's Democratic Republic|Lao PDR
LB LBN Lebanon|لبنان|Liban
LC LCA Saint Lucia|St Lucia|St. Lucia
LI LIE Liechtenstein
LK LKA Sri Lanka|ශ්‍රී ලංකාව
LR LBR Liberia
LS LSO Lesotho
LT LTU Lithuania|Lietuva|Litauen
LU LUX Luxembourg|Luxemburg|Lëtzebuerg
LV LVA Latvia|Latvija|Lettland
LY LBY Libya|ليبيا
MA MAR Morocco|Maroc|المغرب|Marokko
MC MCO Monaco
MD MDA Moldova|Moldova, Republic of|Republic of Moldova
ME MNE Montenegro|Crna Gora
MF MAF Saint Martin|Saint Martin (French part)
MG MDG Madagascar
MH MHL Marshall Islands
MK MKD North Macedonia|Macedonia|Македонија|FYROM
ML MLI Mali
MM MMR Myanmar|Burma|မြန်မာ
MN MNG Mongolia|Монгол
MO MAC Macao|Macau|澳門|澳门
MP MNP Northern Mariana Islands
MQ MTQ Martinique
MR MRT Mauritania
MS MSR Montserrat
MT MLT Malta
MU MUS Mauritius
MV MDV Maldives
MW MWI Malawi
MX MEX Mexico|México|Méjico|Mexiko|Mexique|Estados Unidos Mexicanos
MY MYS Malaysia
MZ MOZ Mozambique|Moçambique
NA NAM Namibia
NC NCL New Caledonia|Nouvelle-Calédonie
NE NER Niger
NF NFK Norfolk Island
NG NGA Nigeria
NI NIC Nicaragua
NL NLD Netherlands|The Netherlands|Nederland|Holland|Niederlande|Pays-Bas|Países Bajos
NO NOR Norway|Norge|Noreg|Norwegen
NP NPL Nepal|नेपाल
NR NRU Nauru
NU NIU Niue
NZ NZL New Zealand|Aotearoa|Neuseeland
OM OMN Oman|عمان
PA PAN Panama|Panamá
PE PER Peru|Perú
PF PYF French Polynesia|Polynésie française
PG PNG Papua New Guinea
PH PHL Philippines|Pilipinas|The Philippines|Philippinen
PK PAK Pakistan|پاکستان
PL POL Poland|Polska|Polen|Pologne
PM SPM Saint Pierre and Miquelon
PN PCN Pitcairn|Pitcairn Islands
PR PRI Puerto Rico
PS PSE Palestine|Palestine, State of|State of Palestine|Palestinian Territories|فلسطين
PT PRT Portugal
PW PLW Palau
PY PRY Paraguay
QA QAT Qatar|قطر
RE REU Réunion|Reunion|La Réunion
RO ROU Romania|România|Rumänien|Roumanie
RS SRB Serbia|Србија|Srbija|Serbien
RU RUS Russia|Russian Federation|Россия|Российская Федерация|РФ|Russland|Russie
RW RWA Rwanda
SA SAU Saudi Arabia|KSA|Kingdom of Saudi Arabia|السعودية|المملكة العربية السعودية
SB SLB Solomon Islands
SC SYC Seychelles
SD SDN Sudan|السودان
SE SWE Sweden|Sverige|Schweden|Suède
SG SGP Singapore|Singapur|新加坡
SH SHN Saint Helena, Ascension and Tristan da Cunha|Saint Helena|St Helena
SI SVN Slovenia|Slovenija|Slowenien
SJ SJM Svalbard and Jan Mayen|Svalbard
SK SVK Slovakia|Slovensko|Slovak Republic|Slowakei
SL SLE Sierra Leone
SM SMR San Marino
SN SEN Senegal|Sénégal
SO SOM Somalia
SR SUR Suriname
SS SSD South Sudan
ST STP São Tomé and Príncipe|Sao Tome and Principe
SV SLV El Salvador
SX SXM Sint Maarten|Sint Maarten (Dutch part)
SY SYR Syria|Syrian Arab Republic|سوريا
SZ SWZ Eswatini|Swaziland
TA TAA Tristan da Cunha
TC TCA Turks and Caicos Islands|Turks & Caicos
TD TCD Chad|Tchad
TF ATF French Southern Territories
TG TGO Togo
TH THA Thailand|ประเทศไทย|ไทย
TJ TJK Tajikistan|Тоҷикистон
TK TKL Tokelau
TL TLS Timor-Leste|East Timor
TM TKM Turkmenistan
TN TUN Tunisia|Tunisie|تونس
TO TON Tonga
TR TUR Turkey|Türkiye|Turkiye|Türkei|Republic of Türkiye
TT TTO Trinidad and Tobago|Trinidad & Tobago|Trinidad
TV TUV Tuvalu
TW TWN Taiwan|Taiwan, Province of China|Taiwan (Province of China)|台灣|台湾|臺灣
TZ TZA Tanzania|Tanzania, United Republic of|United Republic of Tanzania
UA UKR Ukraine|Україна|Украина
UG UGA Uganda
UM UMI United States Minor Outlying Islands
US USA United States|United States of America|America|États-Unis|Etats-Unis|Estados Unidos|EE.UU.|EEUU|EUA
|Vereinigte Staaten|Vereinigte Staaten von Amerika|Stati Uniti|The United States|The United States of America
UY URY Uruguay
UZ UZB Uzbekistan|Oʻzbekiston|Узбекистан
VA VAT Vatican City|Holy See|Holy See (Vatican City State)|Vatican
VC VCT Saint Vincent and the Grenadines|St Vincent
VE VEN Venezuela|Venezuela, Bolivarian Republic of|Venezuela (Bolivarian Republic of)
VG VGB British Virgin Islands|Virgin Islands, British|Virgin Islands (British)
VI VIR U.S. Virgin Islands|Virgin Islands, U.S.|Virgin Islands (U.S.)|United States Virgin Islands
VN VNM Vietnam|Viet Nam|Việt Nam
VU VUT Vanuatu
WF WLF Wallis and Futuna
WS WSM Samoa
XK XKX Kosovo|Kosova
YE YEM Yemen|اليمن
YT MYT Mayotte
ZA ZAF South Africa|RSA|Südafrika
ZM ZMB Zambia
ZW ZWE Zimbabwe
"""


def names_of_countries() -> list[tuple[str, str, tuple[str, ...]]]:
    """Give two letters, three letters and names of each country."""
    rows = (line.split(" ", 2) for line in _TABLE.strip().replace("\n|", "|").splitlines())
    return [(two, three, tuple(names.split("|"))) for two, three, names in rows]
