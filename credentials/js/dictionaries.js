// @ts-check
/**
 * The preset dictionaries of CQ1 and CW1 in base64url, by their id, written from
 * credentials/dictionaries.py by tests/vectors/make_dictionaries.py: change them there.
 */
/** @type {Readonly<Record<string, string>>} */
export const DICTIONARIES = Object.freeze({
  "1":
    "Il9zZF9hbGciOiJzaGEtMjU2IiwiX3NkIjpbIv4iLCL-Iiwi_iIsIv4iXX78WyL_IiwiZ2l2ZW5fbmFtZSIsIvV-_F" +
    "si_yIsImZhbWlseV9uYW1lIiwi9X78WyL_IiwiYmlydGhfZGF0ZSIsIiJAY29udGV4dCI6WyJodHRwczovL3d3dy53" +
    "My5vcmcvbnMvY3JlZGVudGlhbHMvdjIiLCIidHlwZSI6WyJWZXJpZmlhYmxlQ3JlZGVudGlhbCIsIkRyaXZpbmdMaW" +
    "NlbmNlIl0sImlzc3VlciI6ImRpZDp3ZWI6bG9jYWxob3N0JTNBODQiLCJ2YWxpZEZyb20iOiIyMDI2LTExLTIyVDA5" +
    "OjAwOjAwWiIsInZhbGlkVW50aWwiOiIyMDI3LSJjcmVkZW50aWFsU3ViamVjdCI6eyJpZCI6ImRpZDpqd2s6_HsiY3" +
    "J2IjoiUC0yNTYiLCJrdHkiOiJFQyIsIngiOiL-IiwieSI6IvgiffUiLCJjcmVkZW50aWFsU3RhdHVzIjpbeyJpZCI6" +
    "IiIsInR5cGUiOiJCaXRzdHJpbmdTdGF0dXNMaXN0RW50cnkiLCJzdGF0dXNQdXJwb3NlIjoicmV2b2NhdGlvbiIsIn" +
    "N0YXR1c0xpc3RJbmRleCI6IsAiLCJzdGF0dXNMaXN0Q3JlZGVudGlhbCI6Imh0dHBzOi8v_HsiYWxnIjoiRVMyNTYi" +
    "LCJ0eXAiOiJ2Yytqd3QiLCJraWQiOiJkaWQ6d2ViOvx7ImFsZyI6IkVTMjU2IiwidHlwIjoidnArand0Iiwia2lkIj" +
    "oiInZlcmlmaWFibGVDcmVkZW50aWFsIjpbeyJAY29udGV4dCI6Imh0dHBzOi8vd3d3LnczLm9yZy9ucy9jcmVkZW50" +
    "aWFscy92MiIsImlkIjoiZGF0YTphcHBsaWNhdGlvbi92Yytqd3QsIiwidHlwZSI6IkVudmVsb3BlZFZlcmlmaWFibG" +
    "VDcmVkZW50aWFsIn1dImh0dHBzOi8vaXNzdWVyLmNpdHkuZXhhbXBsZS9hZ2VuY2llcy9yZXNpZGVuY3kvdHlwZXMv" +
    "cmVzaWRlbmN5L3R5cGVzL292ZXItMTgvdHlwZXMvcHJvcGVydHktdGl0bGUvdHlwZXMvYnVzaW5lc3MtbGljZW5jZS" +
    "9hZ2VuY2llcy9sYW5kL2FnZW5jaWVzL2J1c2luZXNzL3N0YXR1cy8iYWdlX292ZXJfMTgiOnRydWUsIm5hdGlvbmFs" +
    "aXR5IjoiYWRkcmVzcyI6InN0cmVldCI6ImxvY2FsaXR5IjoicG9zdGFsX2NvZGUiOiJyZXNpZGVudF9zaW5jZSI6In" +
    "BvcnRyYWl0X3NoYTI1NiI6Iv4iLCJiaXJ0aF9kYXRlIjoiMTkiLCJpc3N1ZV9kYXRlIjoiMjAyNi0iLCJleHBpcnlf" +
    "ZGF0ZSI6IjIwImRvY3VtZW50X251bWJlciI6ImxpY2VuY2VfbnVtYmVyIjoicGVybWl0X251bWJlciI6InBsYXRlIj" +
    "oidmluIjoibWFrZSI6Im1vZGVsIjoiY29sb3VyIjoiaW5zdXJlciI6InBvbGljeV9udW1iZXIiOiJ2YWxpZF91bnRp" +
    "bCI6IjIwMjctMDEtMDEiLCJob2xkZXIiOiJvd25lciI6ImNhdGVnb3JpZXMiOlsiQiIsIiJmYW1pbHlfbmFtZSI6Ii" +
    "IsImdpdmVuX25hbWUiOiIiLCJuYW1lX2ttIjoi9iIsInZlaGljbGVfY2F0ZWdvcnkiOiJzZWRhbiIsImlzcyI6Imh0" +
    "dHA6Ly9sb2NhbGhvc3Q6ODQwMS9hZ2VuY2llcy9yZXNpZGVuY3kiLCJ2Y3QiOiJodHRwOi8vbG9jYWxob3N0Ojg0MD" +
    "EvdHlwZXMvb3Zlci0xOCIidXJpIjoiaHR0cDovL2xvY2FsaG9zdDo4NDAxL2FnZW5jaWVzL3Jlc2lkZW5jeS9zdGF0" +
    "dXMvMSJ9fSwiYWdlX292ZXJfMTgiOnRydWUsImxpbmtlZCI6W3sidHlwZSI6InJlc2lkZW5jeSIsImxpc3QiOiJodH" +
    "RwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNpZXMvcmVzaWRlbmN5L3N0YXR1cy8xIiwiaW5kZXgiOsB9XX0iYXVkIjoi" +
    "dXJuOmNpdHl3YWxsZXQ6cXI6b3Zlci0xOCIsIm5vbmNlIjoi_HsiYWxnIjoiRVMyNTYiLCJ0eXAiOiJkYytzZC1qd3" +
    "QiLCJ4NWMiOlsi-iJdffUu_HsiYWxnIjoiRVMyNTYiLCJ0eXAiOiJkYytzZC1qd3QiLCJraWQiOiL-In31Lvx7Imlz" +
    "cyI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODQwMS9hZ2VuY2llcy90cmFuc3BvcnQiLCJ2Y3QiOiJodHRwOi8vbG9jYWxob3" +
    "N0Ojg0MDEvdHlwZXMvdGF4aS1pbnNwZWN0aW9uIiwiaWF0IjrBLCJleHAiOsEsImNuZiI6eyJqd2siOnsiY3J2Ijoi" +
    "UC0yNTYiLCJrdHkiOiJFQyIsIngiOiL-IiwieSI6IvcifX0sInN0YXR1cyI6eyJzdGF0dXNfbGlzdCI6eyJpZHgiOs" +
    "AsInVyaSI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODQwMS9hZ2VuY2llcy90cmFuc3BvcnQvc3RhdHVzLzEifX0sIm5hbWUi" +
    "OiJTb2sgIiwicGxhdGUiOiIyQS0iLCJjYXRlZ29yeSI6InRheGkiLCJ6b25lIjoiUGhub20gUGVuaCIsInVudGlsIj" +
    "oiMjAyNy0wNi0zMCIsImxpbmtlZCI6W3sidHlwZSI6InRheGktcGVybWl0IiwibGlzdCI6Imh0dHA6Ly9sb2NhbGhv" +
    "c3Q6ODQwMS9hZ2VuY2llcy90cmFuc3BvcnQvc3RhdHVzLzEiLCJpbmRleCI6wH0seyJ0eXBlIjoiZHJpdmluZy1saW" +
    "NlbmNlIiwibGlzdCI6Imh0dHA6Ly9sb2NhbGhvc3Q6ODQwMS9hZ2VuY2llcy90cmFuc3BvcnQvc3RhdHVzLzEiLCJp" +
    "bmRleCI6wH0seyJ0eXBlIjoidmVoaWNsZS1yZWdpc3RyYXRpb24iLCJsaXN0IjoiaHR0cDovL2xvY2FsaG9zdDo4ND" +
    "AxL2FnZW5jaWVzL3JlZ2lzdHJ5L3N0YXR1cy8xIiwiaW5kZXgiOsB9LHsidHlwZSI6Imluc3VyYW5jZS1jZXJ0aWZp" +
    "Y2F0ZSIsImxpc3QiOiJodHRwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNpZXMvaW5zdXJhbmNlL3N0YXR1cy8xIiwiaW" +
    "5kZXgiOsB9XX31Lv1-_HsiYWxnIjoiRVMyNTYiLCJ0eXAiOiJrYitqd3QiffUu_HsiYXVkIjoidXJuOmNpdHl3YWxs" +
    "ZXQ6cXI6dGF4aS1pbnNwZWN0aW9uIiwibm9uY2UiOiL_IiwiaWF0IjrBLCJzZF9oYXNoIjoi-SJ99S79",
});
export const NEWEST = "1";
/** @type {Readonly<Record<string, string>>} */
export const CWT_DICTIONARIES = Object.freeze({
  "1":
    "f2dpdmVuX25hbWX_f_9_ZmFtaWx5X25hbWX_f_9_YmlydGhfZGF0Zf9_MTl_cG9ydHJhaXRfc2hhMjU2_1ggf3Blcm" +
    "1pdF9udW1iZXL_f2RyaXZlcl9udW1iZXL_f3ZhbGlkX3VudGls_y9hZ2VuY2llcy9sYW5kL3N0YXR1cy8x_390eXBl" +
    "_39wcm9wZXJ0eS10aXRsZf8vYWdlbmNpZXMvYnVzaW5lc3Mvc3RhdHVzLzH_f3R5cGX_f2J1c2luZXNzLWxpY2VuY2" +
    "X_aHR0cHM6Ly9pc3N1ZXIuY2l0eS5leGFtcGxl_2h0dHA6Ly9sb2NhbGhvc3Q6ODQwMf_ShF-jASYN0oRfowEmBFgg" +
    "EBg9oF-oAX_-L2FnZW5jaWVzL3Jlc2lkZW5jef8EGgYaCKEBpAECIAEhWCAi9At__i90eXBlcy9vdmVyLTE4_xn__6" +
    "F_c3RhdHVzX2xpc3T_on9pZHj_HH91cmn_f_4vYWdlbmNpZXMvcmVzaWRlbmN5L3N0YXR1cy8x_39saW5rZWT_gaN_" +
    "bGlzdP9__i9hZ2VuY2llcy9yZXNpZGVuY3kvc3RhdHVzLzH_f3R5cGX_f3Jlc2lkZW5jef9_aW5kZXj_HH9hZ2Vfb3" +
    "Zlcl8xOP_1WEAQGQEmoF-jA391cm46Y2l0eXdhbGxldDpxcjpvdmVyLTE4_wYaGCdIWEBodHRwOi8vbG9jYWxob3N0" +
    "Ojg0MDH_0oRfowEmDdKEX6IBJhAYPaBfrAF__i9hZ2VuY2llcy90cmFuc3BvcnT_BBoGGgihAaQBAiABIVggIvULf_" +
    "4vdHlwZXMvdGF4aS1pbnNwZWN0aW9u_xn__6F_c3RhdHVzX2xpc3T_on9pZHj_HH91cmn_f_4vYWdlbmNpZXMvdHJh" +
    "bnNwb3J0L3N0YXR1cy8x_39uYW1l_39Tb2sg_396b25l_39QaG5vbSBQZW5o_39wbGF0Zf9_MkEt_391bnRpbP9_Mj" +
    "AyNy0wNi0zMP9_bGlua2Vk_4Sjf2xpc3T_f_4vYWdlbmNpZXMvdHJhbnNwb3J0L3N0YXR1cy8x_390eXBl_390YXhp" +
    "LXBlcm1pdP9_aW5kZXj_HKN_bGlzdP9__i9hZ2VuY2llcy90cmFuc3BvcnQvc3RhdHVzLzH_f3R5cGX_f2RyaXZpbm" +
    "ctbGljZW5jZf9_aW5kZXj_HKN_bGlzdP9__i9hZ2VuY2llcy9yZWdpc3RyeS9zdGF0dXMvMf9_dHlwZf9_dmVoaWNs" +
    "ZS1yZWdpc3RyYXRpb27_f2luZGV4_xyjf2xpc3T_f_4vYWdlbmNpZXMvaW5zdXJhbmNlL3N0YXR1cy8x_390eXBl_3" +
    "9pbnN1cmFuY2UtY2VydGlmaWNhdGX_f2luZGV4_xx_Y2F0ZWdvcnn_f3RheGn_WEAQGQEmoF-jA391cm46Y2l0eXdh" +
    "bGxldDpxcjp0YXhpLWluc3BlY3Rpb27_BhoYJ1BYQA",
});
